import SwiftletJSON

/// Reads the records of a file of JSON objects; the first object determines the keys.
final class JSONRecords: RecordSource {
  private let documents: JSONDocuments
  /// Nil for a file without objects.
  private let keys: JSONKeys?
  private var fields = JSONFields()
  private var holdsFirst = false
  private var number = 0
  /// The lines with a lone surrogate in a value that was read.
  private var mended = LineTally()

  var bytesRead: Int { documents.source.bytesRead }
  var totalBytes: Int? { documents.source.totalBytes }
  var keptNames: [String] { keys?.keptNames ?? [] }
  var keptRoles: [ColumnRole?] { keys?.keptRoles ?? [] }

  init(_ documents: JSONDocuments, columns: ColumnChoice, wantsLabel: Bool) throws(RecordError) {
    self.documents = documents
    guard try documents.advance() else {
      keys = nil
      return
    }
    let members = try documents.parse { reader, _ throws(JSONError) in
      try JSONMember.members(from: &reader)
    }
    let keys = try JSONKeys(
      of: members, choice: columns, wantsLabel: wantsLabel, file: documents.source.name)
    self.keys = keys
    fields = JSONFields(at: keys.paths, keepsAll: columns.kept == .all)
    holdsFirst = true
  }

  func next() throws(RecordError) -> Record? {
    guard let keys else { return nil }
    if holdsFirst {
      holdsFirst = false
    } else {
      guard try documents.advance() else { return nil }
    }
    try documents.parse { reader, bytes throws(JSONError) in
      try fields.read(&reader, over: bytes)
    }
    number += 1
    if fields.hasLoneSurrogate { mended.add(line: documents.line) }
    return try Record(
      number: number,
      line: documents.line,
      id: id(of: keys),
      text: required(keys.text, of: keys, isScalar: false),
      pair: optional(keys.pair, of: keys, isScalar: false),
      label: optional(keys.label, of: keys, isScalar: true),
      columns: columns(of: keys)
    )
  }

  var closingNotes: [String] {
    mended.note.map {
      ["\(documents.source.name)\($0) a lone surrogate, read as U+FFFD: a text was truncated there"]
    } ?? []
  }

  // MARK: Values

  private func required(
    _ slot: Int, of keys: JSONKeys, isScalar: Bool
  ) throws(RecordError) -> String {
    let (file, line) = (documents.source.name, documents.line)
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
      default: .json(JSONField.compacted(documents.bytes[field?.source ?? 0..<0]))
      }
    return RecordColumn(name: name, value: value, role: role)
  }
}
