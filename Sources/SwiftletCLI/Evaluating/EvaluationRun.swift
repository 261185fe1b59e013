import Swiftlet
import SwiftletRecords

/// Reads a labelled file chunk by chunk and hands labelled answers on.
struct EvaluationRun {
  /// A text, the indices of its labels, and the answer.
  struct Row {
    let text: SourcedText
    let expected: [Int]
    let answer: Classification
  }

  let input: EvaluationInput
  let classifier: Classifier
  let limit: ChunkLimit
  let hidesProgress: Bool
  private(set) var labels: RowLabels
  private(set) var emptyCount = 0

  init(
    _ input: EvaluationInput, _ classifier: Classifier, labels: RowLabels, limit: ChunkLimit,
    hidesProgress: Bool
  ) {
    self.input = input
    self.classifier = classifier
    self.labels = labels
    self.limit = limit
    self.hidesProgress = hidesProgress
  }

  /// Calls `body` with the rows of each chunk; skips rows with an empty text, and rows without a known
  /// label where they may be skipped.
  ///
  /// - Returns: The failure of a run that a signal ended after at least one row; nil at the end of the
  ///   file.
  mutating func run(
    classify: @escaping ([SourcedText]) throws(SwiftletError) -> [Classification],
    body: ([Row]) throws -> Void
  ) throws -> CommandFailure? {
    let file = input.input
    let progress = Progress(
      total: TextInput.totalBytes(of: [file]).map(Progress.Total.bytes) ?? .unknown,
      isEnabled: !hidesProgress)
    let runner = ChunkRunner(limit: limit, progress: progress, answer: classify)
    let feed = try RecordFeed([file], aheadRows: limit.rows)
    var count = 0
    var interruption: CommandFailure?
    do {
      try runner.run(feed) { chunk, answers in
        // If a text failed, there are answers only to the texts before it.
        var rows: [Row] = []
        for (text, answer) in zip(chunk, answers) {
          let expected = try labels.indices(of: text)
          if let answer, let expected {
            rows.append(Row(text: text, expected: expected, answer: answer))
          }
        }
        count += rows.count
        try body(rows)
      }
    } catch let failure as CommandFailure where SignalWatch.pending != nil && count > 0 {
      interruption = failure
    }
    emptyCount = runner.emptyCount
    labels.warn()
    guard count > 0 else {
      throw CommandFailure("\(file.name): no labelled rows with a text", .badData)
    }
    runner.warn(
      maxLength: classifier.maxLength, hint: LongText.hint, fate: "left out of the counts")
    return interruption
  }
}
