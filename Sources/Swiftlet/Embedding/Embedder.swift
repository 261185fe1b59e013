import SwiftletCheckpoint
package import SwiftletEncoder
package import SwiftletRuntime
public import SwiftletTokenizer

/// Computes embeddings of texts, whose cosine similarity measures how similar the texts are.
///
///     let embedder = try Embedder(directory: "path/to/model")
///     let points = try embedder.embed(["A cat sleeps.", "The kitten naps."])
///     print(points[0].cosineSimilarity(to: points[1]))
///
/// Any number of threads and tasks may call it at once. The results equal
/// `SentenceTransformer.encode` over DistilBERT and BERT in float32: pooling by `modules.json` and
/// `1_Pooling/config.json`, a Dense module, normalisation, and prompts.
public final class Embedder: Sendable {
  /// The number of floats in an embedding.
  public let dimension: Int
  /// The maximum number of tokens of a text, special tokens included.
  public var maxLength: Int { model.maxLength }
  /// The prompts of `config_sentence_transformers.json`, by name.
  public var prompts: [String: String] { modelPrompts.texts }
  /// The name of the default prompt.
  public var defaultPrompt: String? { modelPrompts.defaultName }
  /// The model's tokenizer.
  public var tokenizer: Tokenizer { model.tokenizer }
  /// The names of checkpoint tensors that the embedder does not use, such as a head.
  public var unusedTensors: [String] { model.unusedTensors }
  /// The poolings, whose results are concatenated.
  package let poolings: [Pooling]
  /// Whether a prompt's tokens are pooled too; if not, prompts are an error.
  package let poolsPrompts: Bool
  let model: TextModel<SentenceHead>
  private let modelPrompts: Prompts
  private let settings: SentenceSettings
  /// Whether a truncated vector is normalised again because the caller asked for it; the model's
  /// own module normalises before truncation.
  private let normalizesKept: Bool

  /// Loads a model saved by sentence-transformers or transformers; without `modules.json` it uses
  /// mean pooling.
  ///
  /// - Parameters:
  ///   - directory: The model's folder.
  ///   - options: How the model is loaded and run.
  ///   - normalizes: Whether to scale vectors to length 1; nil for the setting in `modules.json`.
  /// - Throws: ``SwiftletError`` if a file is missing, damaged or not supported, and for
  ///   modules that Swiftlet does not support.
  public convenience init(
    directory: String, options: ModelOptions = ModelOptions(), normalizes: Bool? = nil
  ) throws(SwiftletError) {
    try self.init(directory: directory, options: options, normalizes: normalizes, pooling: nil)
  }

  /// Loads a model with a pooling that overrides the model's files. With a `pool`, it computes on
  /// the pool's threads.
  package init(
    directory: String, options: ModelOptions, normalizes: Bool?, pooling: Pooling?,
    pool: WorkerPool? = nil
  ) throws(SwiftletError) {
    let directory = try ModelLocation(directory).folder().directory
    var modules = try SentenceModules(directory: directory)
    if let pooling { modules.poolings = [pooling] }
    let configuration = try ModelLoading.configuration(
      in: modules.folder.transformer, labelled: false)
    model = try TextModel(
      folder: modules.folder, task: .embedding,
      tokenizer: try ModelLoading.tokenizer(of: modules.folder, modules.settings.overrides),
      maxLength: modules.settings.maxLength,
      configuration: configuration, options: options, pool: pool
    ) { [modules] (_, kernels, pool) throws(CheckpointError) in
      try SentenceHead(
        poolings: modules.poolings, dense: modules.dense,
        normalizes: normalizes ?? modules.normalizes, configuration: configuration,
        kernels: kernels, pool: pool)
    }
    poolings = modules.poolings
    let width = model.engine.head.outputWidth
    dimension = min(modules.dimensions ?? width, width)
    normalizesKept = normalizes == true && dimension < width
    modelPrompts = modules.prompts
    settings = modules.settings
    poolsPrompts = modules.poolsPrompts
  }

  /// Embeds one text on the calling thread.
  ///
  /// - Throws: ``TextProblem/tooLong(tokenCount:maxLength:)`` if the options forbid truncation,
  ///   ``SwiftletError/invalidOption(reason:)`` for an unknown prompt.
  public func embed(
    _ text: String, options: EmbeddingOptions = EmbeddingOptions()
  ) throws(SwiftletError) -> Embedding {
    try embed([text], options: options)[0]
  }

  /// Embeds many texts in batches without padding, on the engine's threads and the calling thread.
  /// Returns the embeddings in the order of the texts.
  ///
  /// - Throws: As the method for one text; `index` says which text it was.
  public func embed(
    _ texts: [String], options: EmbeddingOptions = EmbeddingOptions()
  ) throws(SwiftletError) -> [Embedding] {
    try embed(texts, options, by: model)
  }

  /// Runs ``embed(_:options:)-([String],_)`` by a model that can be cancelled.
  func embed(
    _ texts: [String], _ options: EmbeddingOptions, by model: TextModel<SentenceHead>
  ) throws(SwiftletError) -> [Embedding] {
    if case .window = options.longText {
      throw .invalidOption(
        reason: "longText .window is not supported for embeddings; use .truncate, or split the "
          + "text")
    }
    let prompt = try prompt(options)
    let length = try length(of: options.role)
    var batch = PackedBatch()
    var counts: [Int] = []
    for (index, text) in texts.enumerated() {
      let encoded = try model.encode(
        prompt + text, options.longText, maxLength: length, index: index)
      batch.append(encoded.sequence)
      counts.append(encoded.tokenCount)
    }
    let rows = try model.output(of: batch)
    let width = model.engine.head.outputWidth
    return counts.indices.map { index in
      Embedding(
        vector: kept(of: rows[index * width..<(index + 1) * width]), tokenCount: counts[index],
        isTruncated: counts[index] > batch.range(index).count)
    }
  }

  /// Truncates a vector to the model's dimension, and normalises it if required.
  private func kept(of row: ArraySlice<Float>) -> [Float] {
    let vector = Array(row.prefix(dimension))
    return normalizesKept ? vector.normalized() : vector
  }

  private func prompt(_ options: EmbeddingOptions) throws(SwiftletError) -> String {
    var choice = options.prompt
    if choice == .automatic, let role = options.role {
      // Every model has these two prompts; even an empty one overrides the default prompt.
      choice = .text(prompts[role.rawValue] ?? "")
    }
    let prompt = try modelPrompts.text(choice)
    guard poolsPrompts || prompt.isEmpty else {
      throw .unsupportedModel(
        reason:
          "the model excludes prompts from pooling (\"include_prompt\": false), which Swiftlet does "
          + "not support; embed without a prompt")
    }
    return prompt
  }

  /// Returns the maximum length of a text in a role, unless the tokenizer's call sets one.
  private func length(of role: EmbeddingOptions.Role?) throws(SwiftletError) -> Int {
    if role == .query, settings.expandsQueries {
      throw .unsupportedModel(
        reason:
          "the model pads its queries (\"query_expansion\"), which Swiftlet does not support; embed "
          + "them as plain texts")
    }
    let length = role == .query ? settings.queryLength : settings.documentLength
    guard role != nil, let length, settings.maxLength == nil else { return maxLength }
    return min(length, model.configuration.maxPositions)
  }
}
