import SwiftletJSON

/// The fields of one row, in one buffer that is reused for the next row.
///
/// The buffer has an ASCII byte between two fields, so that parts of a UTF-8 sequence on both sides
/// of a separator are not read as a valid sequence.
struct FieldRow {
  /// More columns than any table has; bounds the memory for a row of separators.
  static let fieldLimit = 1 << 16

  /// The line in which the row starts, from 1.
  var line = 0
  /// Whether a quote in a quoted field follows a backslash, which may be meant as an escape.
  var mayHaveEscapes = false
  /// Whether a later unquoted field contains a quote.
  var hasStrayQuote = false
  private(set) var bytes: [UInt8] = []
  private var fields: [Range<Int>] = []
  private var start = 0

  var count: Int { fields.count }
  var byteCount: Int { bytes.count }

  /// Whether the row is an empty line.
  var isBlank: Bool { fields.count == 1 && bytes.count == 1 }

  mutating func reset(line: Int) {
    self.line = line
    mayHaveEscapes = false
    hasStrayQuote = false
    start = 0
    bytes.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
  }

  mutating func append(_ slice: UnsafeBufferPointer<UInt8>) {
    bytes.append(contentsOf: slice)
  }

  mutating func append(_ byte: UInt8) {
    bytes.append(byte)
  }

  /// The bytes of the current field.
  var openField: ArraySlice<UInt8> { bytes[start...] }

  /// The last byte of the current field.
  var lastByte: UInt8? { bytes.count > start ? bytes[bytes.count - 1] : nil }

  /// Removes the last bytes of the current field.
  mutating func dropLast(_ count: Int) { bytes.removeLast(count) }

  mutating func endField(file: String) throws(RecordError) {
    guard fields.count < Self.fieldLimit else {
      throw .tooManyColumns(file: file, line: line, limit: Self.fieldLimit)
    }
    fields.append(start..<bytes.count)
    bytes.append(UInt8(ascii: ","))
    start = bytes.count
  }

  /// Returns the field at a 0-based index; call `validate` first.
  subscript(index: Int) -> String {
    String(decoding: bytes[fields[index]], as: UTF8.self)
  }

  /// All fields, for a header.
  var strings: [String] { fields.indices.map { self[$0] } }

  /// Throws if a field is not UTF-8; the error has the line and the column of the first invalid
  /// byte.
  func validate(from source: ByteSource) throws(RecordError) {
    let bad = bytes.withUnsafeBufferPointer { UTF8Validation.firstInvalidOffset(in: $0) }
    guard let bad else { return }
    let breaks = bytes[..<bad].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    let column = fields.firstIndex { $0.upperBound >= bad } ?? 0
    let fault = bytes.withUnsafeBufferPointer {
      EncodingFault(
        in: $0, at: bad, from: fields[column].lowerBound, column: column + 1, of: source)
    }
    throw .notUTF8(file: source.name, line: line + breaks, fault)
  }
}
