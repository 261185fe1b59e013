import CSwiftlet
import Glibc
import SwiftletJSON

/// Reads what C code calls text.
enum InputText {
  /// `count` texts, copied and checked; `name` is what the header calls the argument.
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

  /// One text.
  ///
  /// A length of `SWIFTLET_NUL_TERMINATED` is -1 here, as `size_t` is imported as `Int`.
  static func read(
    _ text: swiftlet_text, _ name: String, textIndex: Int? = nil
  ) throws(Failure) -> String {
    let length = text.length
    guard length >= -1 else {
      throw .argument(
        "the length of \(name) is \(UInt(bitPattern: length)), which no text has; give its bytes, "
          + "or SWIFTLET_NUL_TERMINATED", textIndex: textIndex)
    }
    guard let bytes = text.bytes else {
      guard length == 0 else {
        throw .argument("the bytes of \(name) are NULL", textIndex: textIndex)
      }
      return ""
    }
    return try read(bytes, length, name, textIndex: textIndex)
  }

  /// A name that ends in NUL: of a folder or a prompt.
  static func string(_ pointer: UnsafePointer<CChar>?, name: String) throws(Failure) -> String {
    guard let pointer else { throw .argument("\(name) is NULL") }
    return try read(pointer, -1, name, textIndex: nil)
  }

  /// Refuses a count that can't be true, and NULL where there should be something.
  static func check(count: Int, hasAddress: Bool, name: String) throws(Failure) {
    guard (0...greatestCount).contains(count) else {
      throw .argument("count is \(UInt(bitPattern: count)), more than \(name) can have")
    }
    guard hasAddress || count == 0 else {
      throw .argument("\(name) is NULL, though count is \(count)")
    }
  }

  /// More texts than this don't fit into memory; a negative number cast to `size_t` is more.
  private static let greatestCount = 1 << 40

  private static func read(
    _ pointer: UnsafePointer<CChar>, _ length: Int, _ name: String, textIndex: Int?
  ) throws(Failure) -> String {
    let raw = UnsafeRawPointer(pointer)
    let count = length >= 0 ? length : strlen(pointer)
    let bytes = UnsafeBufferPointer(start: raw.assumingMemoryBound(to: UInt8.self), count: count)
    if let offset = UTF8Validation.firstInvalidOffset(in: bytes) {
      throw Failure(
        SWIFTLET_INVALID_UTF8,
        "\(name) is not UTF-8: byte \(offset) of \(count) begins no character; decode it first",
        textIndex: textIndex)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
