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
  public var dimension: Int { model.engine.head.outputWidth }
  /// The most tokens of a text that the model takes, special ones included.
  public let maximumLength: Int
  /// The prompts of `config_sentence_transformers.json`, by their names.
  public let prompts: [String: String]
  /// The name of the prompt that is used unless another is asked for.
  public let defaultPrompt: String?
  /// The tokenizer that belongs to the model.
  public var tokenizer: Tokenizer { model.tokenizer }
  /// Tensors of the checkpoint that the embedder has no use for: a head for some task.
  public var unusedTensors: [String] { model.unusedTensors }
  /// How rows become an embedding; several stand one after another.
  package let poolings: [Pooling]
  /// Whether texts are lower-cased before they are tokenized.
  package let lowercases: Bool
  /// Whether a prompt's tokens are pooled too; prompts are refused where they are not.
  package let poolsPrompts: Bool
  let model: TextModel<SentenceHead>

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
      folder: modules.folder, task: .embedding, configuration: configuration, options: options
    ) { [modules] (_, kernels, pool) throws(EncoderError) in
      try SentenceHead(
        poolings: modules.poolings, dense: modules.dense,
        normalizes: normalizes ?? modules.normalizes, configuration: configuration,
        kernels: kernels, pool: pool)
    }
    poolings = modules.poolings
    // What sentence-transformers says counts over the tokenizer's files.
    maximumLength = min(
      modules.maximumLength ?? model.maximumLength, configuration.maximumPositions)
    prompts = modules.prompts
    defaultPrompt = modules.defaultPrompt
    lowercases = modules.lowercases
    poolsPrompts = modules.poolsPrompts
  }

  /// Embeds one text on the calling thread.
  ///
  /// - Throws: ``TextProblem/tooLong(tokenCount:maximumLength:)`` of a text if the options forbid
  ///   truncation, ``SwiftletError/invalidOption(reason:)`` for a prompt that the model has not.
  public func embed(
    _ text: String, options: EmbeddingOptions = EmbeddingOptions()
  ) throws(SwiftletError) -> Embedding {
    try embed([text], options: options)[0]
  }

  /// Embeds many texts: as batches without padding, on the engine's threads and the calling one,
  /// which waits. The embeddings stand in the order of the texts.
  ///
  /// - Throws: As ``embed(_:options:)-(String,_)``; `index` then says which text it was.
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
      throw .invalidOption(reason: "a text has one embedding; cut it or split it, but no windows")
    }
    let prompt = try prompt(options.prompt)
    var batch = PackedBatch()
    var encodings: [Encoding] = []
    for (index, text) in texts.enumerated() {
      let whole = prompt + text
      let windows = try model.windows(
        lowercases ? whole.lowercased() : whole, options.longText, maximumLength: maximumLength,
        index: index)
      try model.append(windows, to: &batch, index: index)
      encodings += windows
    }
    let rows = try model.output(of: batch)
    return encodings.indices.map { index in
      Embedding(
        vector: Array(rows[index * dimension..<(index + 1) * dimension]),
        tokenCount: encodings[index].tokenCountBeforeTruncation,
        isTruncated: encodings[index].isTruncated)
    }
  }

  private func prompt(_ choice: EmbeddingOptions.Prompt) throws(SwiftletError) -> String {
    let prompt: String
    switch choice {
    case .none: return ""
    case .automatic: prompt = defaultPrompt.flatMap { prompts[$0] } ?? ""
    case .text(let text): prompt = text
    case .named(let name):
      guard let text = prompts[name] else {
        let known = prompts.keys.sorted().joined(separator: ", ")
        throw .invalidOption(
          reason: "the model has no prompt \"\(name)\"; it has "
            + (known.isEmpty ? "none" : known))
      }
      prompt = text
    }
    guard poolsPrompts || prompt.isEmpty else {
      throw .unsupportedModel(
        reason:
          "the model leaves its prompts out of the pooling (\"include_prompt\": false), which "
          + "Swiftlet does not do; embed without a prompt")
    }
    return prompt
  }
}
