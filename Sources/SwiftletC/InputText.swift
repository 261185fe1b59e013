import CSwiftlet
import Glibc
import SwiftletJSON

/// Reads and checks texts and names from C code.
enum InputText {
  /// Copies and checks `count` texts; `name` is the argument's name in the header.
  static func array(
    _ texts: UnsafePointer<swiftlet_text>?, count: Int, name: String
  ) throws(Failure) -> [String] {
    try check(count: count, hasAddress: texts != nil, name: name)
    var result: [String] = []
    result.reserveCapacity(count)
    guard let texts else { return result }
    for index in 0..<count {
      result.append(try read(texts[index], "\(name)[\(index)]", textIndex: index))
    }
    return result
  }

  /// Copies and checks one text.
  ///
  /// `SWIFTLET_NUL_TERMINATED` is -1 here, because `size_t` is imported as `Int`.
  static func read(
    _ text: swiftlet_text, _ name: String, textIndex: Int? = nil
  ) throws(Failure) -> String {
    let length = text.length
    guard length >= -1 else {
      throw .argument(
        "the length of \(name) is \(UInt(bitPattern: length)), which is too large; pass its size "
          + "in bytes, or SWIFTLET_NUL_TERMINATED", textIndex: textIndex)
    }
    guard let bytes = text.bytes else {
      guard length == 0 else {
        throw .argument("the bytes of \(name) are NULL", textIndex: textIndex)
      }
      return ""
    }
    return try read(bytes, length, name, textIndex: textIndex)
  }

  /// Copies and checks a string that ends in NUL: a path or a prompt.
  static func string(_ pointer: UnsafePointer<CChar>?, name: String) throws(Failure) -> String {
    guard let pointer else { throw .argument("\(name) is NULL") }
    return try read(pointer, -1, name, textIndex: nil)
  }

  /// Throws if a count is impossible, or if a pointer is NULL with a positive count.
  static func check(count: Int, hasAddress: Bool, name: String) throws(Failure) {
    guard (0...maxCount).contains(count) else {
      throw .argument(
        "count is \(UInt(bitPattern: count)), expected at most \(maxCount) for \(name)")
    }
    guard hasAddress || count == 0 else {
      throw .argument("\(name) is NULL, but count is \(count)")
    }
  }

  /// More elements than fit in memory; a negative number cast to `size_t` is larger.
  private static let maxCount = 1 << 40

  private static func read(
    _ pointer: UnsafePointer<CChar>, _ length: Int, _ name: String, textIndex: Int?
  ) throws(Failure) -> String {
    let raw = UnsafeRawPointer(pointer)
    let count = length >= 0 ? length : strlen(pointer)
    let bytes = UnsafeBufferPointer(start: raw.assumingMemoryBound(to: UInt8.self), count: count)
    if let offset = UTF8Validation.firstInvalidOffset(in: bytes) {
      throw Failure(
        SWIFTLET_INVALID_UTF8,
        "\(name) is not UTF-8: invalid byte at offset \(offset) of \(count); convert it to UTF-8",
        textIndex: textIndex)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
