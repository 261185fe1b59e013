import SwiftletRecords

extension DuplicateTally {
  /// Reads the second file with the columns of the evaluated one; its rows need no label.
  ///
  /// - Parameters:
  ///   - input: The file, with labels.
  ///   - unlabelled: The file without.
  ///   - name: Returns the model's name of a label, or nil.
  /// - Throws: `RecordError` if the file can't be read.
  mutating func read(
    _ input: TextInput, else unlabelled: TextInput, name: (String) -> String?
  ) throws {
    let reader = try Self.open(input, else: unlabelled)
    while SignalWatch.pending == nil, let record = try reader.next() {
      guard !SourcedText.isEmpty(record.text) else { continue }
      let label = record.label.map { name($0) ?? LabelMapping.trimmed($0) } ?? ""
      addOther(record.text, pair: record.pair, line: record.line, label: label)
    }
  }

  private static func open(
    _ input: TextInput, else unlabelled: TextInput
  ) throws(RecordError) -> RecordReader {
    do {
      return try input.open()
    } catch {
      if case .file = error { throw error }
      return try unlabelled.open()
    }
  }
}
