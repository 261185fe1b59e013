import SwiftletJSON

/// The fields of one row, in one piece of memory that is used again for the next.
///
/// A byte of ASCII stands between two fields, so that the halves of a UTF-8 sequence that a
/// separator tore apart are never taken for a whole one.
struct FieldRow {
  /// More columns than any table has; bounds the memory that a row of separators can claim.
  static let fieldLimit = 1 << 16

  /// The line in which the row starts, from 1.
  var line = 0
  /// Whether a quote in a quoted field followed a backslash, which may have been meant to escape it.
  var mayHaveEscapes = false
  /// Whether a field without quotes around it had one after that.
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

  /// The bytes of the field that is being read.
  var openField: ArraySlice<UInt8> { bytes[start...] }

  /// The last byte of the field that is being read.
  var lastByte: UInt8? { bytes.count > start ? bytes[bytes.count - 1] : nil }

  /// Takes back the last bytes of the field that is being read.
  mutating func dropLast(_ count: Int) { bytes.removeLast(count) }

  mutating func endField(file: String) throws(RecordError) {
    guard fields.count < Self.fieldLimit else {
      throw .tooManyColumns(file: file, line: line, limit: Self.fieldLimit)
    }
    fields.append(start..<bytes.count)
    bytes.append(UInt8(ascii: ","))
    start = bytes.count
  }

  /// The field at `index`, 0-based; the row has been validated.
  subscript(index: Int) -> String {
    String(decoding: bytes[fields[index]], as: UTF8.self)
  }

  /// All fields, for a header.
  var strings: [String] { fields.indices.map { self[$0] } }

  /// Throws unless every field is UTF-8; names the line and the column of the first bad byte.
  func validate(from source: ByteSource) throws(RecordError) {
    let bad = bytes.withUnsafeBufferPointer { UTF8Validation.firstInvalidOffset(in: $0) }
    guard let bad else { return }
    let breaks = bytes[..<bad].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    let column = fields.firstIndex { $0.upperBound >= bad } ?? 0
    let place = "byte \(bad - fields[column].lowerBound + 1) of column \(column + 1)"
    let fault = bytes.withUnsafeBufferPointer {
      EncodingFault(in: $0, at: bad, place: place, followedBy: source.window)
    }
    throw .notUTF8(file: source.name, line: line + breaks, fault)
  }
}
