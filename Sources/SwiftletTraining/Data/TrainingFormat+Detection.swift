import SwiftletJSON
import SwiftletRecords
import SwiftletSystem

/// A file's format, and why it was chosen.
package struct FormatDecision: Sendable, Equatable {
  package let format: TrainingFormat
  package let reason: String
}

extension TrainingFormat {
  /// The suffixes of files in CoNLL form.
  private static let conllSuffixes = ["conll", "bio", "iob", "iob2", "conll03", "conll2003"]
  /// How much of a file decides its format.
  private static let sampleBytes = 64 << 10

  /// Finds the format of a file by its suffix and its contents.
  ///
  /// - Throws: ``TrainingError/invalidFile(file:reason:)`` if the file can't be read or has another
  ///   format.
  package static func detect(_ path: String) throws(TrainingError) -> FormatDecision {
    let contents: FileContents
    do throws(FileError) { contents = try FileContents(path: path) } catch {
      throw .invalidFile(file: path, reason: error.reason)
    }
    let sample = UnsafeRawBufferPointer(rebasing: contents.bytes.prefix(sampleBytes))
    let suffix = suffix(of: path)
    switch RecordFormat(path: path) {
    case .csv: return FormatDecision(format: .csv, reason: "the suffix is .csv")
    case .tsv: return FormatDecision(format: .tsv, reason: "the suffix is .tsv")
    case .jsonLines: return FormatDecision(format: .jsonl, reason: "the suffix is .\(suffix)")
    case .lines:
      return ConllSample(sample).isConll
        ? FormatDecision(format: .conll, reason: "each line is a word and its tag")
        : FormatDecision(format: .lines, reason: "the suffix is .txt")
    case .json, .folder, nil: break
    }
    if conllSuffixes.contains(suffix) {
      return FormatDecision(format: .conll, reason: "the suffix is .\(suffix)")
    }
    if Compression(path: path) != nil, RecordFormat(path: path) == .json {
      return FormatDecision(format: .jsonl, reason: "the suffix is .json.\(suffix)")
    }
    if suffix == "json" { return try json(contents, path) }
    if let foreign = ForeignFormat(path: Compression.stem(of: path)) {
      throw .invalidFile(
        file: path, reason: "this is \(foreign.name); \(foreign.advice(for: path))")
    }
    if ConllSample(sample).isConll {
      return FormatDecision(format: .conll, reason: "each line is a word and its tag")
    }
    throw .invalidFile(
      file: path,
      reason: "unknown file format; rename it to .csv, .tsv, .jsonl, .json, .conll or .txt, or give"
        + " --input-format")
  }

  private static func suffix(of path: String) -> String {
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return "" }
    return String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased()
  }

  /// A file with the suffix .json has the form of SQuAD, or is JSON Lines under another name.
  private static func json(
    _ contents: FileContents, _ path: String
  ) throws(TrainingError) -> FormatDecision {
    let bytes = contents.bytes.bindMemory(to: UInt8.self)
    let first = bytes.first { !isSpace($0) }
    let isSquad = first == UInt8(ascii: "{") && hasData(bytes)
    if isSquad {
      return FormatDecision(format: .squad, reason: "the object has the key \"data\" of SQuAD")
    }
    if first == UInt8(ascii: "[") {
      return FormatDecision(format: .jsonl, reason: "the file is an array")
    }
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    if first == UInt8(ascii: "{"), isObject(UnsafeBufferPointer(rebasing: bytes[..<end])) {
      return FormatDecision(format: .jsonl, reason: "each line is an object")
    }
    throw .invalidFile(
      file: path,
      reason:
        "expected the object of SQuAD with the key \"data\", an array of objects, or an object"
        + " on each line")
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func isObject(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    do throws(JSONError) {
      var reader = try JSONReader(bytes, rules: .python)
      guard try reader.peek() == .object else { return false }
      try reader.skipValue()
      try reader.finish()
      return true
    } catch {
      return false
    }
  }

  /// Whether one of the keys of the outer object is `data` with an array.
  private static func hasData(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    do throws(JSONError) {
      var reader = try JSONReader(bytes, rules: .python)
      var object = try reader.beginObject(checkingDuplicates: false)
      while let key = try reader.nextKey(in: &object) {
        if key == "data" { return try reader.peek() == .array }
        try reader.skipValue()
      }
      return false
    } catch {
      return false
    }
  }
}

/// Whether the beginning of a file is in CoNLL form: all lines that are not empty have a word and,
/// in the last column, a tag such as `O`, `B-PER` or `I-PER`.
private struct ConllSample {
  let isConll: Bool

  init(_ bytes: UnsafeRawBufferPointer) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    // The last line of the sample may be cut.
    if lines.count > 1 { lines.removeLast() }
    let rows = lines.map { ConllLine(String(decoding: $0, as: UTF8.self)) }.filter { !$0.isBlank }
    isConll =
      rows.count > 1 && rows.contains { $0.tag == "O" }
      && rows.allSatisfy { $0.isComment || $0.columns > 1 && Self.isTag($0.tag) }
  }

  private static func isTag(_ tag: String) -> Bool {
    if tag == "O" { return true }
    let bytes = Array(tag.utf8)
    return bytes.count > 2 && bytes[1] == UInt8(ascii: "-") && "BIESLU".utf8.contains(bytes[0])
  }
}

/// One line in CoNLL form: the word in the first column, the tag in the last. Tabs separate columns
/// if there are any, otherwise spaces.
struct ConllLine {
  let word: String
  let tag: String
  let columns: Int
  let isBlank: Bool
  /// Whether the line begins a document and is not a word.
  let isComment: Bool

  init(_ line: String) {
    let line = line.trimmed
    isBlank = line.isEmpty
    isComment = line.utf8.starts(with: "-DOCSTART-".utf8)
    let hasTabs = line.utf8.contains(UInt8(ascii: "\t"))
    let fields = line.unicodeScalars.split { scalar in
      hasTabs ? scalar == "\t" : scalar == " "
    }
    columns = fields.count
    word = fields.first.map { String($0).trimmed } ?? ""
    tag = fields.last.map { String($0).trimmed } ?? ""
  }
}
