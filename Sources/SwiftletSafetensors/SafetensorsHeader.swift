import SwiftletJSON

/// A header checked against its file, in the reference implementation's order, so that a damaged
/// file causes the same error.
struct SafetensorsHeader: Sendable {
  /// The tensors in the order of their data.
  let tensors: [TensorInfo]
  let metadata: [String: String]
  /// The offset of the data in the file.
  let dataStart: Int

  /// The longest header that the format allows, in bytes.
  static let lengthLimit = 100_000_000
  /// The size of the header's length field, at the beginning of the file.
  static let prefixLength = 8

  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(SafetensorsError) {
    let length = try Self.headerLength(bytes, file: file)
    self.dataStart = Self.prefixLength + length
    let text = UnsafeRawBufferPointer(rebasing: bytes[Self.prefixLength..<dataStart])
    let (layout, metadata) = try Self.parse(text.assumingMemoryBound(to: UInt8.self), file: file)
    self.metadata = metadata
    self.tensors = try layout.tensors(dataStart: dataStart, fileLength: bytes.count)
  }

  /// Checks 1 to 3 of the reference: the length, before anything is allocated.
  private static func headerLength(
    _ bytes: UnsafeRawBufferPointer, file: String
  ) throws(SafetensorsError) -> Int {
    guard bytes.count >= prefixLength else {
      throw .headerTooSmall(file: file, byteCount: bytes.count)
    }
    let claimed = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard claimed <= UInt64(lengthLimit) else {
      throw .headerTooLarge(file: file, limit: lengthLimit, found: claimed)
    }
    guard Int(claimed) <= bytes.count - prefixLength else {
      throw .invalidHeaderLength(file: file, headerLength: Int(claimed), fileLength: bytes.count)
    }
    return Int(claimed)
  }

  /// Checks 4 and 5 of the reference: UTF-8, JSON and the structure of every entry.
  private static func parse(
    _ text: UnsafeBufferPointer<UInt8>, file: String
  ) throws(SafetensorsError) -> (HeaderLayout, [String: String]) {
    var parser: HeaderParser
    do throws(JSONError) {
      parser = try HeaderParser(text)
    } catch {
      throw describe(error, tensor: nil, file: file)
    }
    do throws(JSONError) {
      try parser.parse()
    } catch {
      throw describe(error, tensor: parser.current.map { parser.name(at: $0) }, file: file)
    }
    if let name = parser.duplicateName() { throw .duplicateName(file: file, name: name) }
    if let (tensor, found) = parser.unknownDataType {
      throw .unknownDataType(file: file, tensor: tensor, found: found)
    }
    let layout = HeaderLayout(
      file: file, entries: parser.entries, names: parser.names, dimensions: parser.dimensions)
    return (layout, parser.metadata)
  }

  private static func describe(
    _ error: JSONError, tensor: String?, file: String
  ) -> SafetensorsError {
    switch error {
    case .invalidUTF8(let offset): .invalidHeader(file: file, offset: offset)
    case .duplicateKey(let name, _): .duplicateName(file: file, name: name)
    default:
      .invalidHeaderDeserialization(file: file, tensor: tensor, reason: "\(error)")
    }
  }
}
