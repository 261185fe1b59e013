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
  private(set) var bytes: [UInt8] = []
  private var fields: [Range<Int>] = []
  private var start = 0

  var count: Int { fields.count }
  var byteCount: Int { bytes.count }

  /// Whether the row is an empty line.
  var isBlank: Bool { fields.count == 1 && bytes.count == 1 }

  mutating func reset(line: Int) {
    self.line = line
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

  /// Throws unless every field is UTF-8; names the line of the first bad byte.
  func validate(file: String) throws(RecordError) {
    let bad = bytes.withUnsafeBufferPointer { UTF8Validation.firstInvalidOffset(in: $0) }
    guard let bad else { return }
    let breaks = bytes[..<bad].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    throw .notUTF8(file: file, line: line + breaks)
  }
}

/// What turns bytes into rows of fields.
protocol RowScanner: AnyObject {
  /// Reads the next row; false at the end.
  func next(into row: inout FieldRow) throws(RecordError) -> Bool
}

/// Rows of tab-separated fields, one a line; nothing is quoted or escaped.
final class TSVScanner: RowScanner {
  private let lines: LineScanner

  init(_ lines: LineScanner) {
    self.lines = lines
  }

  func next(into row: inout FieldRow) throws(RecordError) -> Bool {
    guard try lines.next() else { return false }
    let file = lines.source.name
    row.reset(line: lines.number)
    try lines.bytes.withUnsafeBufferPointer { line throws(RecordError) in
      var rest = line[...]
      while let tab = UnsafeBufferPointer(rebasing: rest).firstIndex(ofByte: UInt8(ascii: "\t")) {
        row.append(UnsafeBufferPointer(rebasing: rest.prefix(tab)))
        try row.endField(file: file)
        rest = rest.dropFirst(tab + 1)
      }
      row.append(UnsafeBufferPointer(rebasing: rest))
      try row.endField(file: file)
    }
    return true
  }
}
