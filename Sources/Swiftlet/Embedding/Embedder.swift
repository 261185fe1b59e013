import SwiftletCheckpoint
package import SwiftletEncoder
public import SwiftletTokenizer

/// Makes texts points in space that lie near each other where their meanings do.
///
///     let embedder = try Embedder(directory: "path/to/model")
///     let points = try embedder.embed(["A cat sleeps.", "The kitten naps."])
///     print(points[0].cosineSimilarity(to: points[1]))
///
/// It is immutable, and may be called from any number of threads and tasks at once. Equal to
/// `SentenceTransformer.encode` over DistilBERT and BERT in float32: pooling by `modules.json` and
/// `1_Pooling/config.json`, a Dense module, normalisation, and prompts.
public final class Embedder: Sendable {
  /// The coordinates of an embedding.
  public let dimension: Int
  /// The most tokens of a text that the model takes, special ones included.
  public var maxLength: Int { model.maxLength }
  /// The prompts of `config_sentence_transformers.json`, by their names.
  public var prompts: [String: String] { modelPrompts.texts }
  /// The name of the prompt that is used unless another is asked for.
  public var defaultPrompt: String? { modelPrompts.defaultName }
  /// The tokenizer that belongs to the model.
  public var tokenizer: Tokenizer { model.tokenizer }
  /// Tensors of the checkpoint that the embedder has no use for: a head for some task.
  public var unusedTensors: [String] { model.unusedTensors }
  /// How rows become an embedding; several stand one after another.
  package let poolings: [Pooling]
  /// Whether a prompt's tokens are pooled too; prompts are refused where they are not.
  package let poolsPrompts: Bool
  let model: TextModel<SentenceHead>
  private let modelPrompts: Prompts
  private let settings: SentenceSettings
  /// Whether what is kept of a vector gets the length 1, as the caller wants it; the model's own module
  /// comes before coordinates are left out.
  private let normalizesKept: Bool

  /// Loads the model in a directory, as sentence-transformers or transformers saves it; without
  /// `modules.json` the rows of all tokens are averaged.
  ///
  /// - Parameters:
  ///   - directory: The model's folder.
  ///   - options: How it is loaded and run.
  ///   - normalizes: Whether vectors get the length 1; nil for what `modules.json` says.
  /// - Throws: ``SwiftletError``, for every file that is missing or not what it should be, and for
  ///   modules that Swiftlet does not run.
  public convenience init(
    directory: String, options: ModelOptions = ModelOptions(), normalizes: Bool? = nil
  ) throws(SwiftletError) {
    try self.init(directory: directory, options: options, normalizes: normalizes, pooling: nil)
  }

  /// As the public one; `pooling` overrides what the model's files say.
  package init(
    directory: String, options: ModelOptions, normalizes: Bool?, pooling: Pooling?
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
      configuration: configuration, options: options
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
  /// - Throws: ``TextProblem/tooLong(tokenCount:maxLength:)`` of a text if the options forbid
  ///   truncation, ``SwiftletError/invalidOption(reason:)`` for a prompt that the model has not.
  public func embed(
    _ text: String, options: EmbeddingOptions = EmbeddingOptions()
  ) throws(SwiftletError) -> Embedding {
    try embed([text], options: options)[0]
  }

  /// Embeds many texts: as batches without padding, on the engine's threads and the calling one,
  /// which waits. The embeddings stand in the order of the texts.
  ///
  /// - Throws: As the method for one text; `index` says which text it was.
  public func embed(
    _ texts: [String], options: EmbeddingOptions = EmbeddingOptions()
  ) throws(SwiftletError) -> [Embedding] {
    try embed(texts, options, by: model)
  }

  /// As ``embed(_:options:)-([String],_)``, by a model that may be cancelled.
  func embed(
    _ texts: [String], _ options: EmbeddingOptions, by model: TextModel<SentenceHead>
  ) throws(SwiftletError) -> [Embedding] {
    if case .window = options.longText {
      throw .invalidOption(
        reason: "windows are not supported for embeddings; truncate the text or split it")
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

  /// The coordinates of a row that the model's settings keep.
  private func kept(of row: ArraySlice<Float>) -> [Float] {
    let vector = Array(row.prefix(dimension))
    return normalizesKept ? vector.normalized() : vector
  }

  private func prompt(_ options: EmbeddingOptions) throws(SwiftletError) -> String {
    var choice = options.prompt
    if choice == .automatic, let role = options.role {
      // Every model has these two; an empty one goes before the default prompt, too.
      choice = .text(prompts[role.rawValue] ?? "")
    }
    let prompt = try modelPrompts.text(choice)
    guard poolsPrompts || prompt.isEmpty else {
      throw .unsupportedModel(
        reason:
          "the model leaves its prompts out of the pooling (\"include_prompt\": false), which "
          + "Swiftlet does not do; embed without a prompt")
    }
    return prompt
  }

  /// The most tokens of a text in a role; a call's own length counts over the role's.
  private func length(of role: EmbeddingOptions.Role?) throws(SwiftletError) -> Int {
    if role == .query, settings.expandsQueries {
      throw .unsupportedModel(
        reason:
          "the model fills its queries up (\"query_expansion\"), which Swiftlet does not do; embed "
          + "them as plain texts")
    }
    let length = role == .query ? settings.queryLength : settings.documentLength
    guard role != nil, let length, settings.maxLength == nil else { return maxLength }
    return min(length, model.configuration.maxPositions)
  }
}
