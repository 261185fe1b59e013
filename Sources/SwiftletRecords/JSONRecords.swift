import SwiftletJSON

/// Reads the records of a JSON Lines file; the first object determines the keys.
final class JSONRecords: RecordSource {
  private let lines: LineScanner
  /// Nil for a file without objects.
  private let keys: JSONKeys?
  private var holdsFirstLine = false
  private var number = 0
  /// The lines with a lone surrogate in a value that was read.
  private var mended = LineTally()

  init(_ lines: LineScanner, columns: ColumnChoice, wantsLabel: Bool) throws(RecordError) {
    self.lines = lines
    guard try Self.advance(lines) else {
      keys = nil
      return
    }
    let names = try Self.parse(lines) { reader, _ throws(JSONError) in
      var names: [String] = []
      var object = try reader.beginObject()
      while let key = try reader.nextKey(in: &object) {
        names.append(key.string)
        try reader.skipValue()
      }
      return names
    }
    keys = try JSONKeys(
      names: names, choice: columns, wantsLabel: wantsLabel, file: lines.source.name)
    holdsFirstLine = true
  }

  func next() throws(RecordError) -> Record? {
    guard let keys else { return nil }
    if holdsFirstLine {
      holdsFirstLine = false
    } else {
      guard try Self.advance(lines) else { return nil }
    }
    let values = try Self.parse(lines) { reader, bytes throws(JSONError) in
      try JSONValues(of: keys, from: &reader, over: bytes)
    }
    number += 1
    if values.hasLoneSurrogate { mended.add(line: lines.number) }
    return try Record(
      number: number,
      line: lines.number,
      id: id(values.id, of: keys),
      text: required(values.text, of: keys.text, isScalar: false),
      pair: optional(values.pair, of: keys.pair, isScalar: false),
      label: optional(values.label, of: keys.label, isScalar: true)
    )
  }

  var closingNotes: [String] {
    mended.note.map {
      ["\(lines.source.name)\($0) a lone surrogate, read as U+FFFD: a text was truncated there"]
    } ?? []
  }

  // MARK: Values

  private func required(
    _ value: JSONValues.Value?, of key: String, isScalar: Bool
  ) throws(RecordError) -> String {
    let (file, line) = (lines.source.name, lines.number)
    guard let value else { throw .keyMissing(file: file, line: line, key: key) }
    guard let text = value.text, isScalar || value.kind == .string else {
      throw .wrongValue(
        file: file,
        line: line,
        key: key,
        expected: isScalar ? "a string or a number" : "a string",
        found: value.kind.rawValue
      )
    }
    return text
  }

  private func optional(
    _ value: JSONValues.Value?, of key: String?, isScalar: Bool
  ) throws(RecordError) -> String? {
    guard let key else { return nil }
    return try required(value, of: key, isScalar: isScalar)
  }

  /// Returns the id, which may be missing from an object unless the user selected the key.
  private func id(_ value: JSONValues.Value?, of keys: JSONKeys) throws(RecordError) -> String? {
    guard keys.requiresID else { return value?.text }
    return try optional(value, of: keys.id, isScalar: true)
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

/// The keys of a record's values.
private struct JSONKeys {
  let text: String
  let pair: String?
  let label: String?
  let id: String?
  let requiresID: Bool

  /// Finds the keys in the first object as columns in a header.
  init(names: [String], choice: ColumnChoice, wantsLabel: Bool, file: String) throws(RecordError) {
    var choice = choice
    choice.hasHeader = true
    let layout = try ColumnLayout(
      firstRow: names, choice: choice, wantsLabel: wantsLabel, file: file)
    text = names[layout.text]
    pair = layout.pair.map { names[$0] }
    label = layout.label.map { names[$0] }
    id = layout.id.map { names[$0] }
    requiresID = choice.id != nil
  }
}

/// The values of one object under the keys; nil for a missing key.
private struct JSONValues {
  struct Value {
    let kind: JSONKind
    /// The contents of a string, or the source text of a number or boolean; nil for other kinds.
    let text: String?
  }

  private(set) var text: Value?
  private(set) var pair: Value?
  private(set) var label: Value?
  private(set) var id: Value?
  /// Whether one of them had a lone surrogate, now U+FFFD.
  private(set) var hasLoneSurrogate = false

  init(
    of keys: JSONKeys, from reader: inout JSONReader, over bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) {
    // Every member is read, so that the last one of a repeated key counts.
    var object = try reader.beginObject(checkingDuplicates: false)
    while let key = try reader.nextKey(in: &object) {
      let isText = Self.matches(key, keys.text)
      let isPair = Self.matches(key, keys.pair)
      let isLabel = Self.matches(key, keys.label)
      let isID = Self.matches(key, keys.id)
      guard isText || isPair || isLabel || isID else {
        try reader.skipValue()
        continue
      }
      let count = reader.loneSurrogateCount
      let value = try Self.value(from: &reader, over: bytes)
      if reader.loneSurrogateCount > count { hasLoneSurrogate = true }
      if isText { text = value }
      if isPair { pair = value }
      if isLabel { label = value }
      if isID { id = value }
    }
  }

  /// Compares bytes: two keys that differ only in normalisation are two keys.
  private static func matches(_ key: JSONString, _ name: String?) -> Bool {
    guard let name else { return false }
    return name.utf8.elementsEqual(key.utf8)
  }

  private static func value(
    from reader: inout JSONReader, over bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) -> Value {
    let kind = try reader.peek()
    if kind == .string { return Value(kind: kind, text: try reader.readString()) }
    let start = reader.offset
    try reader.skipValue()
    guard kind == .number || kind == .boolean else { return Value(kind: kind, text: nil) }
    let written = UnsafeBufferPointer(rebasing: bytes[start..<reader.offset])
    return Value(kind: kind, text: String(decoding: written, as: UTF8.self))
  }
}
