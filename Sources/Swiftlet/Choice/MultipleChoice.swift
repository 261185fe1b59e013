import SwiftletCheckpoint
import SwiftletEncoder
public import SwiftletTokenizer

/// Chooses the ending or the answer that fits a text best.
///
///     let model = try MultipleChoice(directory: "path/to/model")
///     let choice = try model.choose("She opened the door and", among: ["left.", "a banana."])
///     print(choice.best, choice.scores)
///
/// Any number of threads and tasks may call it at once. The results equal
/// `DistilBertForMultipleChoice` and `BertForMultipleChoice` of transformers in float32.
public final class MultipleChoice: Sendable {
  /// The maximum number of tokens of a text with a choice, special tokens included.
  public var maxLength: Int { model.maxLength }
  /// The model's tokenizer.
  public var tokenizer: Tokenizer { model.tokenizer }
  /// The names of checkpoint tensors that the task does not use.
  public var unusedTensors: [String] { model.unusedTensors }
  let model: TextModel<SequenceClassificationHead>

  /// The scores of the choices.
  public struct Choice: Sendable, Equatable {
    /// The index of the best choice.
    public let best: Int
    /// The probability of each choice, in the given order; they add up to 1.
    public let scores: [Float]
    /// The logit of each choice.
    public let logits: [Float]
    /// The number of tokens of the text with the longest choice before truncation, special tokens
    /// included.
    public let tokenCount: Int
    /// Whether the text or a choice was truncated.
    public let isTruncated: Bool

    /// Creates a result from its parts, for tests of code that uses it.
    public init(
      best: Int, scores: [Float], logits: [Float], tokenCount: Int = 0, isTruncated: Bool = false
    ) {
      self.best = best
      self.scores = scores
      self.logits = logits
      self.tokenCount = tokenCount
      self.isTruncated = isTruncated
    }
  }

  /// Loads a model from a directory with `config.json`, weights of safetensors, PyTorch or
  /// ONNX, and `tokenizer.json` or `vocab.txt`.
  ///
  /// - Throws: ``SwiftletError`` if a file is missing, damaged or not supported.
  public init(directory: String, options: ModelOptions = ModelOptions()) throws(SwiftletError) {
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

  /// Chooses on the calling thread. If a text and a choice are too long together, the longer one is
  /// truncated first.
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
    guard !choices.isEmpty else {
      throw .invalidOption(reason: "there are no choices; give at least one")
    }
    if case .window = longText {
      throw .invalidOption(
        reason: "longText .window is not supported for multiple choice; use .truncate or .error")
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

  /// Chooses on one of the engine's threads, without blocking Swift's cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func choose(
    _ text: String, among choices: [String], longText: LongText = .truncate
  ) async throws(SwiftletError) -> Choice {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try choose(text, choices, longText, by: model)
    }
  }
}
