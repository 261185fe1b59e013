import SwiftletJSON

/// Reads the records of a JSON Lines file; the first object determines the keys.
final class JSONRecords: RecordSource {
  private let lines: LineScanner
  /// Nil for a file without objects.
  private let keys: JSONKeys?
  private var fields = JSONFields()
  private var holdsFirstLine = false
  private var number = 0
  /// The lines with a lone surrogate in a value that was read.
  private var mended = LineTally()
  var keptNames: [String] { keys?.keptNames ?? [] }
  var keptRoles: [ColumnRole?] { keys?.keptRoles ?? [] }

  init(_ lines: LineScanner, columns: ColumnChoice, wantsLabel: Bool) throws(RecordError) {
    self.lines = lines
    guard try Self.advance(lines) else {
      keys = nil
      return
    }
    let members = try Self.parse(lines) { reader, _ throws(JSONError) in
      try JSONMember.members(from: &reader)
    }
    let keys = try JSONKeys(
      of: members, choice: columns, wantsLabel: wantsLabel, file: lines.source.name)
    self.keys = keys
    fields = JSONFields(at: keys.paths, keepsAll: columns.kept == .all)
    holdsFirstLine = true
  }

  func next() throws(RecordError) -> Record? {
    guard let keys else { return nil }
    if holdsFirstLine {
      holdsFirstLine = false
    } else {
      guard try Self.advance(lines) else { return nil }
    }
    try Self.parse(lines) { reader, bytes throws(JSONError) in
      try fields.read(&reader, over: bytes)
    }
    number += 1
    if fields.hasLoneSurrogate { mended.add(line: lines.number) }
    return try Record(
      number: number,
      line: lines.number,
      id: id(of: keys),
      text: required(keys.text, of: keys, isScalar: false),
      pair: optional(keys.pair, of: keys, isScalar: false),
      label: optional(keys.label, of: keys, isScalar: true),
      columns: columns(of: keys)
    )
  }

  var closingNotes: [String] {
    mended.note.map {
      ["\(lines.source.name)\($0) a lone surrogate, read as U+FFFD: a text was truncated there"]
    } ?? []
  }

  // MARK: Values

  private func required(
    _ slot: Int, of keys: JSONKeys, isScalar: Bool
  ) throws(RecordError) -> String {
    let (file, line) = (lines.source.name, lines.number)
    guard let field = fields[slot] else {
      throw .keyMissing(file: file, line: line, key: keys.names[slot])
    }
    guard let text = field.text, isScalar || field.kind == .string else {
      throw .wrongValue(
        file: file,
        line: line,
        key: keys.names[slot],
        expected: isScalar ? "a string or a number" : "a string",
        found: field.kind.rawValue
      )
    }
    return text
  }

  private func optional(
    _ slot: Int?, of keys: JSONKeys, isScalar: Bool
  ) throws(RecordError) -> String? {
    guard let slot else { return nil }
    return try required(slot, of: keys, isScalar: isScalar)
  }

  /// Returns the id, which may be missing from an object unless the user selected the key.
  private func id(of keys: JSONKeys) throws(RecordError) -> String? {
    guard let id = keys.id, !keys.requiresID else {
      return try optional(keys.id, of: keys, isScalar: true)
    }
    return fields[id]?.text
  }

  private func columns(of keys: JSONKeys) -> [RecordColumn] {
    if fields.keepsAll {
      return fields.members.map { column($0.key, $0.field, role: keys.role(of: $0.key)) }
    }
    return zip(keys.kept, keys.keptRoles).map { slot, role in
      column(keys.names[slot], fields[slot], role: role)
    }
  }

  /// A missing key is kept as `null`.
  private func column(_ name: String, _ field: JSONField?, role: ColumnRole?) -> RecordColumn {
    let value: RecordColumn.Value =
      switch field?.kind {
      case nil: .json("null")
      case .string: .text(field?.text ?? "")
      default: .json(JSONField.compacted(lines.bytes[field?.source ?? 0..<0]))
      }
    return RecordColumn(name: name, value: value, role: role)
  }

  // MARK: Lines

  /// Reads the next line that is not blank; returns false at the end.
  static func advance(_ lines: LineScanner) throws(RecordError) -> Bool {
    repeat {
      guard try lines.next() else { return false }
    } while lines.bytes.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    return true
  }

  /// Calls `body` to read the line as one object; adds the file and the line to its errors.
  static func parse<Result>(
    _ lines: LineScanner,
    _ body: (inout JSONReader, UnsafeBufferPointer<UInt8>) throws(JSONError) -> Result
  ) throws(RecordError) -> Result {
    let (file, line) = (lines.source.name, lines.number)
    return try lines.bytes.withUnsafeBufferPointer { bytes throws(RecordError) in
      let kind: JSONKind
      do throws(JSONError) {
        var reader = try JSONReader(bytes, rules: .python)
        kind = try reader.peek()
        if kind == .object {
          let result = try body(&reader, bytes)
          try reader.finish()
          return result
        }
        try reader.skipValue()
        try reader.finish()
      } catch {
        if case .invalidUTF8(let offset) = error { throw lines.notUTF8(at: offset) }
        throw .notJSON(file: file, line: line, reason: error.description)
      }
      throw .notAnObject(file: file, line: line, found: kind.rawValue)
    }
  }
}
