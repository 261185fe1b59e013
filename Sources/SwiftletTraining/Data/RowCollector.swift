/// Rows that were left out for one reason.
package struct SkippedRows: Sendable, Equatable {
  /// Why, such as `have an empty text`; the rows are the subject.
  package let reason: String
  /// What is wrong with the first of them.
  package let first: String
  package var count: Int
}

/// Encodes rows and counts those that are left out.
struct RowCollector {
  var encoder: ExampleEncoder
  private let task: TrainingTask
  private let options: TrainingFileOptions
  private let keepsUnlabelled: Bool
  private(set) var skipped: [SkippedRows] = []

  init(
    _ encoder: ExampleEncoder, _ task: TrainingTask, _ options: TrainingFileOptions,
    _ keepsUnlabelled: Bool
  ) {
    self.encoder = encoder
    self.task = task
    self.options = options
    self.keepsUnlabelled = keepsUnlabelled
  }

  private var file: String? { encoder.rows.file }

  mutating func add(_ row: RowContents, line: Int) throws(TrainingError) {
    switch row {
    case .example(let example): try append(example, line)
    case .unlabelled(let example):
      if keepsUnlabelled, [.classification, .multiLabel, .regression, .tokens].contains(task) {
        return try append(example, line)
      }
      try skip("have no label", options.onUnlabelledRows, .unlabelledRow(file: file, line: line))
    case .empty:
      try skip("have an empty text", options.onEmptyRows, .emptyText(file: file, line: line))
    case .bad(let error): try skip("can't be read", options.onBadRows, error)
    }
  }

  private mutating func append(_ example: TrainingExample, _ line: Int) throws(TrainingError) {
    do throws(TrainingError) {
      try encoder.append(example, line: line, task: task)
    } catch {
      if case .invalidFile = error { throw error }
      try skip("can't be used", options.onBadRows, error)
    }
  }

  private mutating func skip(
    _ reason: String, _ policy: RowPolicy, _ error: TrainingError
  ) throws(TrainingError) {
    guard policy == .skip else { throw error }
    if let index = skipped.firstIndex(where: { $0.reason == reason }) {
      skipped[index].count += 1
    } else {
      skipped.append(SkippedRows(reason: reason, first: error.description, count: 1))
    }
  }
}
