import SwiftletCheckpoint
import SwiftletEncoder
public import SwiftletTokenizer

/// Classifies texts by any labels: an NLI model scores whether a text entails "This example is …".
///
///     let classifier = try ZeroShotClassifier(directory: "path/to/nli-model")
///     let answer = try classifier.classify("My phone is broken.", labels: ["phone", "tablet"])
///     print(answer.labels[0].label)     // phone
///
/// Any number of threads and tasks may call it at once. The results equal
/// transformers' zero-shot-classification pipeline in float32.
public final class ZeroShotClassifier: Sendable {
  /// The maximum number of tokens of a text with a hypothesis, special tokens included.
  public var maxLength: Int { model.maxLength }
  /// The model's tokenizer.
  public var tokenizer: Tokenizer { model.tokenizer }
  /// The names of checkpoint tensors that the task does not use.
  public var unusedTensors: [String] { model.unusedTensors }
  /// The model's label for entailment, which begins with "entail"; the last label if there is none
  /// and the model was loaded with ``ModelOptions/allowsOtherTask``.
  public let entailmentLabel: String
  let model: TextModel<SequenceClassificationHead>
  private let entailment: Int
  private let contradiction: Int
  private let labelCount: Int

  /// Loads a model from a directory with `config.json`, weights of safetensors, PyTorch or
  /// ONNX, and `tokenizer.json` or `vocab.txt`.
  ///
  /// - Throws: ``SwiftletError`` if a file is missing, damaged or not supported, and for a
  ///   model with one label.
  public init(directory: String, options: ModelOptions = ModelOptions()) throws(SwiftletError) {
    let folder = try ModelLocation(directory).folder()
    let configuration = try ModelLoading.configuration(in: folder.transformer)
    let labels = configuration.labels
    guard labels.count > 1 else {
      throw .unsupportedModel(
        reason:
          "\(directory) has one label; zero-shot classification needs a model with labels for "
          + "entailment and contradiction")
    }
    model = try TextModel(
      folder: folder, task: .zeroShotClassification, configuration: configuration, options: options
    ) { (checkpoint, kernels, pool) throws(CheckpointError) in
      try SequenceClassificationHead(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels, pool: pool)
    }
    entailment = try Self.entailment(configuration, folder.transformer)
    contradiction = entailment == 0 ? labels.count - 1 : 0
    entailmentLabel = labels[entailment]
    labelCount = labels.count
  }

  /// Returns the output for entailment; the last one for a model without such a label.
  private static func entailment(
    _ configuration: ModelConfiguration, _ directory: String
  ) throws(SwiftletError) -> Int {
    let labels = configuration.labels
    guard let named = configuration.entailment else { return labels.count - 1 }
    guard labels.indices.contains(named.id) else {
      throw .invalidModel(
        reason:
          "\(ModelFiles.path("config.json", in: directory)) has the id \(named.id) for "
          + "\"\(named.label)\" (\"label2id\"), but only \(labels.count) labels")
    }
    return named.id
  }

  /// Classifies one text on the calling thread.
  ///
  /// - Throws: ``SwiftletError/invalidOption(reason:)`` without labels, or for an invalid template;
  ///   ``TextProblem/tooLong(tokenCount:maxLength:)`` if the options forbid truncation.
  public func classify(
    _ text: String, labels: [String], options: ZeroShotOptions = ZeroShotOptions()
  ) throws(SwiftletError) -> ZeroShotClassification {
    try classify([text], labels: labels, options: options)[0]
  }

  /// Classifies many texts by the same labels, with a pair for each text and label in one batch.
  /// Returns the answers in the order of the texts.
  ///
  /// - Throws: As the method for one text; `index` says which text it was.
  public func classify(
    _ texts: [String], labels: [String], options: ZeroShotOptions = ZeroShotOptions()
  ) throws(SwiftletError) -> [ZeroShotClassification] {
    try classify(texts, labels, options, by: model)
  }

  /// Runs ``classify(_:labels:options:)-([String],_,_)`` by a model that can be cancelled.
  func classify(
    _ texts: [String], _ labels: [String], _ options: ZeroShotOptions,
    by model: TextModel<SequenceClassificationHead>
  ) throws(SwiftletError) -> [ZeroShotClassification] {
    let hypotheses = try hypotheses(labels, options)
    var batch = PackedBatch()
    var counts: [Int] = []
    for (index, text) in texts.enumerated() {
      for hypothesis in hypotheses {
        let encoded = try model.encode(
          text, pair: hypothesis, options.longText, strategy: .onlyFirst, index: index)
        batch.append(encoded.sequence)
        counts.append(encoded.tokenCount)
      }
    }
    let logits = try model.output(of: batch)
    return texts.indices.map { index in
      let pairs = index * labels.count..<(index + 1) * labels.count
      let rows = logits[pairs.lowerBound * labelCount..<pairs.upperBound * labelCount]
      return ZeroShotClassification(
        labels: scored(labels, Array(rows), isMultiLabel: options.multiLabel),
        tokenCount: counts[pairs].max() ?? 0,
        isTruncated: pairs.contains { counts[$0] > batch.range($0).count })
    }
  }

  private func hypotheses(
    _ labels: [String], _ options: ZeroShotOptions
  ) throws(SwiftletError) -> [String] {
    guard !labels.isEmpty else {
      throw .invalidOption(reason: "there are no labels; give at least one")
    }
    if case .window = options.longText {
      throw .invalidOption(
        reason: "longText .window is not supported for zero-shot classification; use .truncate or "
          + ".error")
    }
    let template = try HypothesisTemplate(options.hypothesisTemplate)
    return labels.map(template.hypothesis)
  }

  private func scored(_ labels: [String], _ logits: [Float], isMultiLabel: Bool) -> [LabelScore] {
    let entailments = labels.indices.map { logits[$0 * labelCount + entailment] }
    let scores: [Float]
    if isMultiLabel || labels.count == 1 {
      scores = labels.indices.map {
        ScoreFunction.softmax.scores(
          of: [logits[$0 * labelCount + contradiction], entailments[$0]])[1]
      }
    } else {
      scores = ScoreFunction.softmax.scores(of: entailments)
    }
    // Of equal scores the last label comes first, because the pipeline reverses an ascending order.
    let order = labels.indices.sorted {
      scores[$0] == scores[$1] ? $0 > $1 : scores[$0] > scores[$1]
    }
    return order.map { LabelScore(label: labels[$0], score: scores[$0]) }
  }
}
