#if Server
import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletRuntime
import SwiftletTokenizer

/// The model of a server, with the work on texts before and after the queue.
struct ServedModel: Sendable {
  /// The kind of the responses; ``ModelPurpose`` decides.
  enum Kind: Equatable, Sendable {
    case classifier
    /// A classifier of pairs with a single label.
    case reranker
    case embedding
  }

  /// The prompts before texts, and the number of coordinates of an embedding.
  struct EmbeddingTexts: Sendable {
    /// By their names.
    var prompts: [String: String] = [:]
    /// Put before a text unless the request names another.
    var defaultPrompt = ""
    /// Number of coordinates if a request does not have `dimensions`; nil for all.
    var dimensions: Int?
    /// False for a model that excludes prompts from its pooling, which Swiftlet does not support.
    var takesPrompts = true
  }

  let kind: Kind
  /// In the order of the logits; none for an embedding model.
  let labels: [String]
  /// The pooling of token rows, in the spelling of `/info`.
  let pooling: String
  let encoder: TextEncoder
  /// Tells words, pieces and unknown words apart.
  let pieceKinds: PieceKinds
  /// Tensors of the checkpoint that the model does not use.
  let unusedTensors: [String]
  let texts: EmbeddingTexts
  /// ``ModelFingerprint`` of the folder, from before its files were read.
  let fingerprint: String?
  /// Turns logits into scores, unless a request asks for raw scores.
  let scoreFunction: ScoreFunction
  private let pooled: RowEngine
  private let tokens: RowEngine?

  /// Loads the model on the calling thread. It computes on the threads of `pool`, if there is one,
  /// and otherwise on its own.
  ///
  /// - Throws: ``SwiftletError`` for the model's files, and for settings that contradict the model.
  init(_ configuration: ServerConfiguration, pool: WorkerPool? = nil) throws(SwiftletError) {
    let options = ModelOptions(
      precision: configuration.precision, threads: configuration.threads)
    let folder = try ModelLocation(configuration.modelDirectory).folder()
    fingerprint = ModelFingerprint.of(folder)
    var encoder: TextEncoder
    if try Self.isClassifier(folder) {
      let classifier = try Classifier(
        directory: configuration.modelDirectory, options: options, pool: pool)
      labels = classifier.labels
      kind = labels.count == 1 ? .reranker : .classifier
      pooling = "cls"
      encoder = classifier.encoder
      unusedTensors = classifier.unusedTensors
      texts = EmbeddingTexts(
        prompts: classifier.prompts,
        defaultPrompt: classifier.defaultPrompt.flatMap { classifier.prompts[$0] } ?? "")
      scoreFunction =
        configuration.honoursProblemType
        ? classifier.scoreFunction : labels.count == 1 ? .sigmoid : .softmax
      pooled = classifier.rowEngine
      tokens = nil
    } else {
      let embedder = try Embedder(
        directory: folder.directory, options: options, normalizes: false,
        pooling: configuration.pooling.map(Pooling.init), pool: pool)
      kind = .embedding
      labels = []
      pooling = embedder.poolings.map(\.wireName).joined(separator: "+")
      encoder = embedder.encoder
      unusedTensors = embedder.unusedTensors
      texts = try EmbeddingTexts(embedder, configuration)
      scoreFunction = .none
      pooled = embedder.rowEngine
      tokens = try embedder.makeTokenRowEngine()
    }
    if configuration.autoTruncate {
      encoder.maxLength = min(encoder.maxLength, configuration.maxBatchTokens)
    }
    self.encoder = encoder
    pieceKinds = PieceKinds(encoder.tokenizer)
    guard maxInputLength <= configuration.maxBatchTokens else {
      throw .invalidOption(
        reason:
          "--max-batch-tokens (\(configuration.maxBatchTokens)) is below the model's maximum length "
          + "(\(maxInputLength)); raise it or enable --auto-truncate")
    }
    // Beside the special tokens there must be room for one token of each text of a pair.
    let least =
      encoder.tokenizer.encode("", pair: "", options: EncodingOptions()).ids.count + 2
    guard maxInputLength >= least else {
      throw .invalidOption(
        reason:
          "--max-batch-tokens (\(configuration.maxBatchTokens)) has no room for a text between the "
          + "special tokens; it must be at least \(least)")
    }
  }

  var tokenizer: Tokenizer { encoder.tokenizer }
  /// The maximum number of tokens of an input, special ones included.
  var maxInputLength: Int { encoder.maxLength }
  /// Numbers in the row of a text: logits or coordinates.
  var width: Int { pooled.width }
  /// Numbers in the row of a token.
  var tokenWidth: Int { encoder.configuration.hiddenSize }
  var precision: Swiftlet.Precision { pooled.precision }
  var instructionSet: String { pooled.instructionSet }
  var threadCount: Int { pooled.pool.threadCount }
  /// The threads that compute.
  var pool: WorkerPool { pooled.pool }
  /// Approximate time of a token, to compare models: millions of multiplications by the layers'
  /// weights. Those in bfloat16 count half, those in int8 a quarter.
  var tokenCost: Double {
    let shape = encoder.configuration
    let products =
      shape.layerCount * shape.hiddenSize
      * (4 * shape.hiddenSize + 2 * shape.intermediateSize)
    let productsAtOnce =
      switch precision {
      case .float32: 1.0
      case .bfloat16: 2.0
      case .int8: 4.0
      }
    return Double(products) / (1e6 * productsAtOnce)
  }

  /// Numbers in a row of that kind.
  func rowWidth(_ kind: RowKind) -> Int {
    switch kind {
    case .pooled: pooled.width
    case .tokens: tokenWidth
    }
  }

  /// The rows of a batch whose sequences ``encode(_:pair:prompt:_:)`` made.
  func rows(of batch: PackedBatch, _ kind: RowKind) throws(ServerError) -> [Float] {
    let engine: RowEngine
    switch kind {
    case .pooled: engine = pooled
    case .tokens:
      guard let tokens else { throw .notEmbedding }
      engine = tokens
    }
    do throws(SwiftletError) {
      return try engine.rows(of: batch)
    } catch {
      throw .noMemory(cause: "\(error)")
    }
  }

  /// Computes a text of maximum length on every thread, so that no client waits for page faults of
  /// new memory.
  ///
  /// - Throws: ``SwiftletError/memory(bytes:purpose:)`` if the memory of a thread can't be
  ///   allocated.
  func warmUp() throws(SwiftletError) {
    var batch = PackedBatch()
    batch.append([Int32](repeating: 0, count: maxInputLength))
    try pooled.warmUp(with: batch)
  }

  /// Decides as text-embeddings-inference does, except that models without a route are refused, and
  /// that the tensors decide if `architectures` is missing.
  private static func isClassifier(_ folder: ModelFolder) throws(SwiftletError) -> Bool {
    let purpose = try folder.purpose()
    switch purpose.named.first ?? purpose.tasks.first {
    case .textClassification, .zeroShotClassification: return true
    case .tokenClassification, .multipleChoice: break
    case .questionAnswering: if purpose.tasks.contains(.embedding) { return false }
    case .embedding, .fillMask, nil: return false
    }
    throw .unsupportedModel(
      reason:
        "\(folder.transformer) is \(purpose.summary), for which the server has no route; it serves "
        + "classifiers of texts, rerankers and embedding models")
  }
}

extension ServedModel.EmbeddingTexts {
  fileprivate init(
    _ embedder: Embedder, _ configuration: ServerConfiguration
  ) throws(SwiftletError) {
    prompts = embedder.prompts
    dimensions = embedder.dimension < embedder.rowEngine.width ? embedder.dimension : nil
    takesPrompts = embedder.poolsPrompts
    if let name = configuration.defaultPromptName {
      guard configuration.defaultPrompt == nil else {
        throw .invalidOption(
          reason: "a default prompt and the name of one are set; remove one of them")
      }
      guard let prompt = prompts[name] else {
        throw .invalidOption(
          reason: "the model has no prompt \"\(name)\"; it has \(Self.list(prompts))")
      }
      defaultPrompt = prompt
    } else {
      defaultPrompt =
        configuration.defaultPrompt ?? embedder.defaultPrompt.flatMap { prompts[$0] } ?? ""
    }
    guard takesPrompts || defaultPrompt.isEmpty else {
      throw .unsupportedModel(
        reason:
          "the model excludes its prompts from the pooling (\"include_prompt\": false), which "
          + "is not supported; set an empty default prompt")
    }
  }

  static func list(_ prompts: [String: String]) -> String {
    prompts.isEmpty ? "none" : prompts.keys.sorted().joined(separator: ", ")
  }
}

extension Pooling {
  fileprivate init(_ pooling: ServerPooling) {
    switch pooling {
    case .cls: self = .cls
    case .mean: self = .mean
    case .lastToken: self = .last
    }
  }

  /// The spelling of `/info`.
  fileprivate var wireName: String {
    switch self {
    case .last: "last_token"
    case .cls, .max, .mean, .meanSquareRoot, .weightedMean: rawValue
    }
  }
}
#endif
