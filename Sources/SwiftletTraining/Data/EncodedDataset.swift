package import SwiftletEncoder
import SwiftletSystem

/// What a model should answer for one example.
package enum ExampleTarget: Sendable, Equatable {
  /// The index of a label; -100 without a label.
  case label(Int32)
  /// The indices of the labels of a set, in rising order; only -100 without labels.
  case labels([Int32])
  /// A number of a regression.
  case value(Float)
  /// The index of a label for each token: -100 for special tokens and for all pieces of a word but
  /// the first.
  case tokenLabels([Int32])
  /// The first and the last token of the answer; both are that of `[CLS]` if the window has none.
  case span(start: Int, end: Int)
  /// The index of the sequence that is the right choice.
  case choice(Int)
  /// The similarity of two texts.
  case similarity(Float)
  /// Nothing: the example is its own target, or has no number.
  case none
}

/// Encoded examples, or a part of them, in an order that does not change.
package struct EncodedDataset: Sendable {
  package let task: TrainingTask
  /// The labels in the order of the model's outputs; empty for tasks without labels.
  package let labels: [String]
  package let rows: EncodedRows
  /// The rows of this part; nil for all of them.
  private let selection: [Int32]?
  /// The logits of a teacher; nil until they are attached.
  package private(set) var softLabels: SoftLabels?

  package init(task: TrainingTask, labels: [String], rows: EncodedRows, selection: [Int32]? = nil) {
    self.task = task
    self.labels = labels
    self.rows = rows
    self.selection = selection
  }

  /// The number of examples.
  package var count: Int { selection?.count ?? rows.count }

  /// The row of an example in ``rows``.
  package func row(of example: Int) -> Int { selection.map { Int($0[example]) } ?? example }

  /// The examples with the indices in `part`, in that order, without soft labels.
  package func selecting(_ part: [Int]) -> EncodedDataset {
    EncodedDataset(
      task: task, labels: labels, rows: rows, selection: part.map { Int32(row(of: $0)) })
  }

  // MARK: Sequences

  /// The number of sequences of an example: more than 1 for choices and embeddings.
  package func sequenceCount(of example: Int) -> Int { rows.sequences(of: row(of: example)).count }

  /// One sequence of an example.
  package func sequence(_ number: Int = 0, of example: Int) -> TokenSequence {
    rows.sequence(rows.sequences(of: row(of: example)).lowerBound + number)
  }

  /// Appends all sequences of an example.
  package func append(_ example: Int, to batch: inout PackedBatch) {
    for sequence in rows.sequences(of: row(of: example)) { batch.append(rows.sequence(sequence)) }
  }

  /// The number of tokens of an example, of all its sequences.
  package func tokenCount(of example: Int) -> Int { rows.tokens(of: row(of: example)).count }

  /// The place of an example in messages: `reviews.csv:12`, or `example 3`.
  package func place(of example: Int) -> String { rows.place(of: row(of: example)) }

  /// The number in ``EncodedRows/questions`` of the question of which an example is a window.
  package func question(of example: Int) -> Int {
    Int(rows.questionNumbers[row(of: example)])
  }

  // MARK: Targets

  /// What the model should answer for an example.
  package func target(of example: Int) -> ExampleTarget {
    let row = row(of: example)
    switch task {
    case .classification: return .label(rows.classes[row])
    case .multiLabel: return .labels(rows.labelSet(of: row))
    case .regression:
      let value = rows.values[row]
      return value.isNaN ? .none : .value(value)
    case .tokens: return .tokenLabels(rows.classes[rows.tokens(of: row)])
    case .questions: return .span(start: Int(rows.classes[row]), end: Int(rows.classEnds[row]))
    case .choices: return .choice(Int(rows.classes[row]))
    case .embeddings: return rows.values.isEmpty ? .none : .similarity(rows.values[row])
    case .masks: return .none
    }
  }

  /// The number of items of an example that a loss counts: labelled tokens, or 1 for an example
  /// with a target.
  package func labelledItems(of example: Int) -> Int {
    switch target(of: example) {
    case .label(let label): label == EncodedRows.ignored ? 0 : 1
    case .tokenLabels(let labels): labels.count { $0 != EncodedRows.ignored }
    case .labels(let labels): labels.first == EncodedRows.ignored ? 0 : 1
    case .none: task == .regression ? 0 : 1
    case .value, .span, .choice, .similarity: 1
    }
  }

  // MARK: Soft labels

  /// Attaches a teacher's logits: `width` for each example in order, or for each of its tokens if
  /// the task labels tokens.
  package mutating func attach(softLabels values: [Float], width: Int) {
    softLabels = SoftLabels(
      width: width, values: values,
      rowCounts: (0..<count).map { task == .tokens ? tokenCount(of: $0) : 1 })
  }
}

/// A teacher's logits for every example of a dataset.
package struct SoftLabels: Sendable {
  /// The number of logits of one row.
  package let width: Int
  private let values: [Float]
  private var starts: [Int] = [0]

  fileprivate init(width: Int, values: [Float], rowCounts: [Int]) {
    self.width = width
    self.values = values
    for count in rowCounts { starts.append(starts[starts.count - 1] + count * width) }
    requirePrecondition(starts[starts.count - 1] == values.count, "every row has its soft labels")
  }

  /// The logits of an example: a row for the example, or for each of its tokens.
  package subscript(example: Int) -> ArraySlice<Float> {
    values[starts[example]..<starts[example + 1]]
  }
}
