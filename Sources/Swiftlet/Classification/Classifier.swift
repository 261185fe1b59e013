package import SwiftletCheckpoint
package import SwiftletEncoder
package import SwiftletRuntime
public import SwiftletTokenizer

/// Classifies texts and pairs of texts with a sequence classification model.
///
///     let classifier = try Classifier(directory: "path/to/model")
///     let answer = try classifier.classify("A film of rare warmth.")
///     print(answer.label, answer.score)
///
/// Any number of threads and tasks may call it at once. The results equal transformers'
/// text-classification pipeline over `DistilBertForSequenceClassification` and
/// `BertForSequenceClassification` in float32. A cross-encoder saved by sentence-transformers uses
/// that library's prompts and maximum lengths.
public final class Classifier: Sendable {
  /// The labels in the order of the logits.
  public let labels: [String]
  /// The maximum number of tokens of a text, special tokens included.
  public var maxLength: Int { model.maxLength }
  /// The model's tokenizer.
  public var tokenizer: Tokenizer { model.tokenizer }
  /// The names of checkpoint tensors that the task does not use.
  public var unusedTensors: [String] { model.unusedTensors }
  /// The prompts of a cross-encoder, by name.
  public var prompts: [String: String] { modelPrompts.texts }
  /// The name of the default prompt.
  public var defaultPrompt: String? { modelPrompts.defaultName }
  /// The settings of the model.
  package var configuration: ModelConfiguration { model.configuration }
  /// The loaded model, from batches of tokens to logits.
  package var runner: BatchRunner<SequenceClassificationHead> { model.engine }
  let model: TextModel<SequenceClassificationHead>
  private let modelPrompts: Prompts
  /// The function from logits to scores if the options set none.
  package let defaultFunction: ScoreFunction

  /// Loads a model from a directory with `config.json`, weights of safetensors, PyTorch or
  /// ONNX, and `tokenizer.json` or `vocab.txt`.
  ///
  /// - Throws: ``SwiftletError`` if a file is missing, damaged or not supported.
  public convenience init(
    directory: String, options: ModelOptions = ModelOptions()
  ) throws(SwiftletError) {
    try self.init(directory: directory, options: options, pool: nil)
  }

  /// Loads a model that computes on the threads of `pool`; nil gives it its own.
  package init(
    directory: String, options: ModelOptions, pool: WorkerPool?
  ) throws(SwiftletError) {
    let source = try ClassifierFolder(ModelLocation(directory).folder())
    let configuration = try ModelLoading.configuration(in: source.folder.transformer)
    model = try TextModel(
      folder: source.folder, task: .textClassification,
      tokenizer: try ModelLoading.tokenizer(of: source.folder, source.settings.overrides),
      maxLength: source.settings.maxLength, configuration: configuration, options: options,
      pool: pool
    ) { (checkpoint, kernels, pool) throws(CheckpointError) in
      try SequenceClassificationHead(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels, pool: pool)
    }
    modelPrompts = source.prompts
    labels = configuration.labels
    defaultFunction = ScoreFunction(configuration.problemType, labelCount: labels.count)
  }

  /// Classifies one text on the calling thread.
  ///
  /// - Throws: ``SwiftletError/invalidOption(reason:)``; ``SwiftletError/text(_:index:)``:
  ///   ``TextProblem/tooLong(tokenCount:maxLength:)`` if the options forbid truncation,
  ///   ``TextProblem/noRoomForWindows(maxLength:stride:)`` for a stride that is too large, or
  ///   ``TextProblem/unknownToken(id:vocabularySize:)``.
  public func classify(
    _ text: String, options: ClassificationOptions = ClassificationOptions()
  ) throws(SwiftletError) -> Classification {
    try classify([text], options: options)[0]
  }

  /// Classifies many texts in batches without padding, on the engine's threads and the calling
  /// thread. Returns the answers in the order of the texts.
  ///
  /// - Throws: As the method for one text; `index` says which text it was.
  public func classify(
    _ texts: [String], options: ClassificationOptions = ClassificationOptions()
  ) throws(SwiftletError) -> [Classification] {
    try classify(texts, options, by: model)
  }

  /// Runs ``classify(_:options:)-([String],_)`` by a model that can be cancelled.
  func classify(
    _ texts: [String], _ options: ClassificationOptions,
    by model: TextModel<SequenceClassificationHead>
  ) throws(SwiftletError) -> [Classification] {
    try classify(texts.map { (text: $0, pair: nil) }, options, by: model)
  }

  /// Classifies pairs of texts, such as premise and hypothesis, or query and document. A reranker
  /// has one label, whose score is the relevance of the second text to the first.
  ///
  /// If a pair is too long, the longer text is truncated; windows split only the longer text.
  ///
  /// - Throws: As the method for one text; `index` says which pair it was.
  public func classify(
    _ pairs: [TextPair], options: ClassificationOptions = ClassificationOptions()
  ) throws(SwiftletError) -> [Classification] {
    try classify(pairs, options, by: model)
  }

  /// Runs ``classify(_:options:)-([TextPair],_)`` by a model that can be cancelled.
  func classify(
    _ pairs: [TextPair], _ options: ClassificationOptions,
    by model: TextModel<SequenceClassificationHead>
  ) throws(SwiftletError) -> [Classification] {
    try classify(pairs.map { (text: $0.text, pair: $0.pair) }, options, by: model)
  }

  private func check(_ options: ClassificationOptions) throws(SwiftletError) {
    if let topK = options.topK, topK < 1 {
      throw .invalidOption(reason: "topK is \(topK); it must be at least 1")
    }
    // Logits divided by a smaller number could be infinite.
    guard options.temperature >= 1e-30, options.temperature.isFinite else {
      throw .invalidOption(
        reason: "temperature is \(options.temperature); it must be a number of at least 1e-30")
    }
    for label in options.labelThresholds.keys where !labels.contains(label) {
      throw .invalidOption(
        reason: "labelThresholds has \"\(label)\", which is not one of the model's labels: "
          + labels.prefix(8).joined(separator: ", ") + (labels.count > 8 ? " …" : ""))
    }
  }

  /// Classifies texts or pairs, each as one sequence or as several windows.
  private func classify(
    _ texts: [(text: String, pair: String?)], _ options: ClassificationOptions,
    by model: TextModel<SequenceClassificationHead>
  ) throws(SwiftletError) -> [Classification] {
    try check(options)
    let prompt = try modelPrompts.text(options.prompt)
    var batch = PackedBatch()
    var logits: [Float] = []
    var seen: [(windows: Int, tokenCount: Int, isTruncated: Bool)] = []
    for (index, (text, pair)) in texts.enumerated() {
      guard case .window(let stride) = options.longText else {
        let encoded = try model.encode(prompt + text, pair: pair, options.longText, index: index)
        try append(encoded.sequence, to: &batch, &logits, by: model)
        seen.append((1, encoded.tokenCount, encoded.isTruncated))
        continue
      }
      let windows = try model.windows(
        prompt + text, pair: pair, stride: stride, strategy: strategy(text, pair), index: index)
      for window in windows {
        let sequence = try model.sequence(of: window, index: index)
        try append(sequence, to: &batch, &logits, by: model)
      }
      let first = windows[0]
      seen.append(
        (windows.count, first.tokenCountBeforeTruncation, windows.count == 1 && first.isTruncated))
    }
    logits += try model.output(of: batch)
    var rows = logits[...]
    return seen.map { seen in
      let all = rows.prefix(seen.windows * labels.count)
      rows = rows.dropFirst(seen.windows * labels.count)
      return Classification(
        logits: pooled(Array(all), options.windowPooling), labels: labels,
        function: options.function ?? defaultFunction, options: options,
        tokenCount: seen.tokenCount, isTruncated: seen.isTruncated)
    }
  }

  /// The number of tokens after which a batch is computed, to bound the memory of its ids.
  private static let maxBatchTokens = 1 << 18

  private func append(
    _ sequence: TokenSequence, to batch: inout PackedBatch, _ logits: inout [Float],
    by model: TextModel<SequenceClassificationHead>
  ) throws(SwiftletError) {
    try model.checkCancellation()
    batch.append(sequence)
    guard batch.tokenCount >= Self.maxBatchTokens else { return }
    logits += try model.output(of: batch)
    batch.removeAll()
  }

  /// Selects the longer text of a pair, which windows split.
  private func strategy(_ text: String, _ pair: String?) -> TruncationStrategy {
    guard let pair else { return .longestFirst }
    return pair.utf8.count >= text.utf8.count ? .onlySecond : .onlyFirst
  }

  /// Pools the logits of all windows, label by label.
  private func pooled(_ logits: [Float], _ pooling: WindowPooling) -> [Float] {
    let count = labels.count
    guard logits.count > count else { return logits }
    return labels.indices.map { label in
      let values = stride(from: label, to: logits.count, by: count).map { logits[$0] }
      return switch pooling {
      case .mean: values.reduce(0, +) / Float(values.count)
      case .max: values.max() ?? 0
      }
    }
  }
}
