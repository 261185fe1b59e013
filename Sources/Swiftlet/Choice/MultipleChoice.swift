import SwiftletCheckpoint
import SwiftletEncoder
public import SwiftletTokenizer

/// Chooses the ending, or the answer, that fits a text best.
///
///     let model = try MultipleChoice(directory: "path/to/model")
///     let choice = try model.choose("She opened the door and", among: ["left.", "a banana."])
///     print(choice.best, choice.scores)
///
/// It is immutable, and may be called from any number of threads and tasks at once. Equal to
/// `DistilBertForMultipleChoice` and `BertForMultipleChoice` of transformers in float32.
public final class MultipleChoice: Sendable {
  /// The most tokens of a text and a choice that the model takes, special ones included.
  public var maxLength: Int { model.maxLength }
  /// The tokenizer that belongs to the model.
  public var tokenizer: Tokenizer { model.tokenizer }
  /// Tensors of the checkpoint that the task does not use.
  public var unusedTensors: [String] { model.unusedTensors }
  let model: TextModel<SequenceClassificationHead>

  /// What the model thinks of the choices.
  public struct Choice: Sendable, Equatable {
    /// The index of the best choice.
    public let best: Int
    /// The probability of each choice, in the order given; they add up to 1.
    public let scores: [Float]
    /// The raw output for each choice.
    public let logits: [Float]
    /// Tokens of the text with the longest choice, special ones included, before truncation.
    public let tokenCount: Int
    /// Whether the model saw only the beginning of the text or of a choice.
    public let isTruncated: Bool
  }

  /// Loads the model in a directory: `config.json`, `model.safetensors` or its shards, and
  /// `tokenizer.json` or `vocab.txt`.
  ///
  /// - Throws: ``SwiftletError``, for every file that is missing or not what it should be.
  public init(
    directory: String, options: ModelOptions = ModelOptions()
  ) throws(SwiftletError) {
    let folder = try ModelLocation(directory).folder()
    let configuration = try ModelLoading.configuration(in: folder.transformer, labelled: false)
    model = try TextModel(
      folder: folder, task: .multipleChoice, configuration: configuration, options: options
    ) { (checkpoint, kernels, pool) throws(CheckpointError) in
      try SequenceClassificationHead(
        .multipleChoice, configuration: configuration, checkpoint: checkpoint, kernels: kernels,
        pool: pool)
    }
  }

  /// Chooses on the calling thread; texts that are too long together with a choice are cut, the
  /// longer of both first.
  ///
  /// - Throws: ``SwiftletError/invalidOption(reason:)`` without choices;
  ///   ``TextProblem/tooLong(tokenCount:maxLength:)`` if `longText` forbids truncation, with the
  ///   index of the choice.
  public func choose(
    _ text: String, among choices: [String], longText: LongText = .truncate
  ) throws(SwiftletError) -> Choice {
    try choose(text, choices, longText, by: model)
  }

  private func choose(
    _ text: String, _ choices: [String], _ longText: LongText,
    by model: TextModel<SequenceClassificationHead>
  ) throws(SwiftletError) -> Choice {
    guard !choices.isEmpty else { throw .invalidOption(reason: "there is nothing to choose from") }
    if case .window = longText {
      throw .invalidOption(reason: "a text is compared with a choice as a whole, not in windows")
    }
    var batch = PackedBatch()
    var counts: [Int] = []
    for (index, choice) in choices.enumerated() {
      let encoded = try model.encode(text, pair: choice, longText, index: index)
      batch.append(encoded.sequence)
      counts.append(encoded.tokenCount)
    }
    let logits = try model.output(of: batch)
    return Choice(
      best: logits.indices.dropFirst().reduce(0) { logits[$1] > logits[$0] ? $1 : $0 },
      scores: ScoreFunction.softmax.scores(of: logits), logits: logits,
      tokenCount: counts.max() ?? 0,
      isTruncated: choices.indices.contains { counts[$0] > batch.range($0).count })
  }

  /// Chooses on one of the engine's threads; no thread of Swift's cooperative pool waits.
  ///
  /// - Throws: As the synchronous form, and ``SwiftletError/cancelled``.
  public func choose(
    _ text: String, among choices: [String], longText: LongText = .truncate
  ) async throws(SwiftletError) -> Choice {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try choose(text, choices, longText, by: model)
    }
  }
}
