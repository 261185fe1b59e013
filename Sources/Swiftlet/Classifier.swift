import SwiftletEncoder
import SwiftletKernels
import SwiftletSafetensors
public import SwiftletTokenizer

/// A sequence classifier: text in, labels with scores out.
///
///     let classifier = try Classifier(directory: "path/to/model")
///     let answer = try classifier.classify("A film of rare warmth.")
///     print(answer.label, answer.score)
///
/// It is immutable, and may be called from any number of threads and tasks at once.
///
/// Equal to transformers' text-classification pipeline over
/// `DistilBertForSequenceClassification` in float32.
public final class Classifier: Sendable {
  /// The labels in the order of the logits.
  public let labels: [String]
  /// The most tokens of a text that the model takes, special ones included.
  public let maximumLength: Int
  /// The tokenizer that belongs to the model.
  public let tokenizer: Tokenizer
  /// Tensors of the checkpoint that the classifier has no use for.
  public let unusedTensors: [String]
  let engine: ClassificationEngine
  private let defaultFunction: ScoreFunction

  /// Loads the model in a directory: `config.json`, `model.safetensors` or its shards, and
  /// `tokenizer.json` or `vocab.txt`.
  ///
  /// - Throws: ``SwiftletError``, for every file that is missing or not what it should be.
  public init(
    directory: String, options: ModelOptions = ModelOptions()
  ) throws(SwiftletError) {
    let configuration = try ClassificationEngine.configuration(in: directory)
    do throws(TokenizerError) {
      tokenizer = try Tokenizer(directory: directory)
    } catch {
      throw SwiftletError(error)
    }
    (engine, unusedTensors) = try ClassificationEngine.load(
      directory: directory, configuration: configuration, options: options)
    labels = configuration.labels
    maximumLength = min(
      tokenizer.modelMaxLength ?? configuration.maximumPositions, configuration.maximumPositions)
    defaultFunction = ScoreFunction(configuration.problemType, labelCount: labels.count)
  }

  /// Classifies one text on the calling thread.
  ///
  /// - Throws: ``SwiftletError/textTooLong(index:tokenCount:maximumLength:)`` if the options forbid
  ///   truncation, ``SwiftletError/invalidOption(reason:)``, or
  ///   ``SwiftletError/unknownToken(index:id:vocabularySize:)``.
  public func classify(
    _ text: String, options: ClassificationOptions = ClassificationOptions()
  ) throws(SwiftletError) -> Classification {
    try classify([text], options: options)[0]
  }

  /// Classifies many texts: as batches without padding, on the engine's threads and the calling one,
  /// which waits. The answers stand in the order of the texts.
  ///
  /// - Throws: As ``classify(_:options:)-(String,_)``; `index` then says which text it was.
  public func classify(
    _ texts: [String], options: ClassificationOptions = ClassificationOptions()
  ) throws(SwiftletError) -> [Classification] {
    if let topK = options.topK, topK < 1 {
      throw .invalidOption(reason: "topK is \(topK); it must be at least 1")
    }
    let tokens = try tokenize(texts, options.longText)
    let logits = engine.logits(of: tokens.batch)
    let count = labels.count
    return texts.indices.map { index in
      Classification(
        logits: Array(logits[index * count..<(index + 1) * count]), labels: labels,
        function: options.function ?? defaultFunction, topK: options.topK,
        tokenCount: tokens.counts[index],
        isTruncated: tokens.counts[index] > tokens.batch.range(index).count)
    }
  }

  /// The ids of all texts, packed, and how many tokens each had before truncation.
  private func tokenize(
    _ texts: [String], _ longText: LongText
  ) throws(SwiftletError) -> (batch: PackedBatch, counts: [Int]) {
    var batch = PackedBatch()
    var counts: [Int] = []
    var ids: [Int32] = []
    counts.reserveCapacity(texts.count)
    let vocabularySize = engine.configuration.vocabularySize
    for (index, text) in texts.enumerated() {
      ids.removeAll(keepingCapacity: true)
      let count = tokenizer.encode(text, into: &ids, maxLength: maximumLength)
      if longText == .error, count > maximumLength {
        throw .textTooLong(index: index, tokenCount: count, maximumLength: maximumLength)
      }
      // A forward pass needs a first row of every sequence; only a tokenizer.json without special
      // tokens makes none.
      guard !ids.isEmpty else {
        throw .noTokens(index: index)
      }
      if let id = ids.first(where: { Int($0) >= vocabularySize }) {
        throw .unknownToken(index: index, id: Int(id), vocabularySize: vocabularySize)
      }
      batch.append(ids)
      counts.append(count)
    }
    return (batch, counts)
  }
}
