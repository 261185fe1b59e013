package import SwiftletCheckpoint
package import SwiftletEncoder
public import SwiftletTokenizer

/// Classifies the tokens of texts: named entities, or parts of speech.
///
///     let tagger = try TokenClassifier(directory: "path/to/model")
///     let options = TokenClassificationOptions(aggregation: .simple)
///     for entity in try tagger.classify("Ada Lovelace lived in London.", options: options).entities {
///       print(entity.label, entity.word, entity.offsets)     // PER ada lovelace 0..<12
///     }
///
/// Any number of threads and tasks may call it at once. The results equal
/// transformers' token-classification pipeline over `DistilBertForTokenClassification` and
/// `BertForTokenClassification` in float32.
public final class TokenClassifier: Sendable {
  /// The labels in the order of the model's outputs.
  public let labels: [String]
  /// The maximum number of tokens in one window, special tokens included.
  public var maxLength: Int { model.maxLength }
  /// The model's tokenizer.
  public var tokenizer: Tokenizer { model.tokenizer }
  /// The names of checkpoint tensors that the task does not use.
  public var unusedTensors: [String] { model.unusedTensors }
  /// The settings of the model.
  package var configuration: ModelConfiguration { model.configuration }
  /// The loaded model, from batches of tokens to the logits of each token.
  package var runner: BatchRunner<TokenHead> { model.engine }
  let model: TextModel<TokenHead>

  /// Loads a model from a directory with `config.json`, weights of safetensors, PyTorch or
  /// ONNX, and `tokenizer.json` or `vocab.txt`.
  ///
  /// - Throws: ``SwiftletError`` if a file is missing, damaged or not supported.
  public init(directory: String, options: ModelOptions = ModelOptions()) throws(SwiftletError) {
    let folder = try ModelLocation(directory).folder()
    let configuration = try ModelLoading.configuration(in: folder.transformer)
    labels = configuration.labels
    model = try TextModel(
      folder: folder, task: .tokenClassification, configuration: configuration, options: options
    ) { (checkpoint, kernels, pool) throws(CheckpointError) in
      try TokenHead(
        .tokenClassification, configuration: configuration, checkpoint: checkpoint,
        kernels: kernels, pool: pool)
    }
  }

  /// Classifies the tokens of one text on the calling thread.
  ///
  /// - Throws: ``SwiftletError/text(_:index:)``: ``TextProblem/tooLong(tokenCount:maxLength:)`` if
  ///   the options forbid truncation, ``TextProblem/noRoomForWindows(maxLength:stride:)``, or
  ///   ``TextProblem/unknownToken(id:vocabularySize:)``.
  public func classify(
    _ text: String, options: TokenClassificationOptions = TokenClassificationOptions()
  ) throws(SwiftletError) -> TokenClassification {
    try classify([text], options: options)[0]
  }

  /// Classifies the tokens of many texts in batches without padding, on the engine's threads and
  /// the calling thread. Returns the answers in the order of the texts.
  ///
  /// - Throws: As the method for one text; `index` says which text it was.
  public func classify(
    _ texts: [String], options: TokenClassificationOptions = TokenClassificationOptions()
  ) throws(SwiftletError) -> [TokenClassification] {
    try classify(texts, options, by: model)
  }

  /// Runs ``classify(_:options:)-([String],_)`` by a model that can be cancelled.
  func classify(
    _ texts: [String], _ options: TokenClassificationOptions, by model: TextModel<TokenHead>
  ) throws(SwiftletError) -> [TokenClassification] {
    if case .window = options.longText, options.aggregation == .none {
      throw .invalidOption(
        reason: "longText .window needs an aggregation, because windows overlap; use \"simple\", "
          + "\"first\", \"average\" or \"max\"")
    }
    var batch = PackedBatch()
    var windows: [[Encoding]] = []
    for (index, text) in texts.enumerated() {
      windows.append(try model.encodings(text, options.longText, index: index))
      try model.append(windows[index], to: &batch, index: index)
    }
    let logits = try model.output(of: batch)
    var rows = logits[...]
    return texts.indices.map { index in
      answer(texts[index], windows[index], options, taking: &rows)
    }
  }

  /// Builds the answer to one text; takes its logits from the front of `rows`.
  private func answer(
    _ text: String, _ windows: [Encoding], _ options: TokenClassificationOptions,
    taking rows: inout ArraySlice<Float>
  ) -> TokenClassification {
    let grouping = EntityGrouping(labels: labels, tokenizer: tokenizer, options: options)
    let positions = OffsetMap(text, .unicodeScalars)
    var entities: [Entity] = []
    for window in windows {
      var tokens: [TokenPrediction] = []
      for token in window.ids.indices {
        let scores = ScoreFunction.softmax.scores(of: Array(rows.prefix(labels.count)))
        rows = rows.dropFirst(labels.count)
        guard window.specialTokensMask[token] == 0 else { continue }
        tokens.append(prediction(text, window, token, positions, scores: scores))
      }
      entities += grouping.entities(of: tokens)
    }
    if windows.count > 1 { entities = EntityGrouping.resolvingOverlaps(entities) }
    return TokenClassification(
      entities: entities, tokenCount: windows[0].tokenCountBeforeTruncation,
      isTruncated: windows.count == 1 && windows[0].isTruncated)
  }

  private func prediction(
    _ text: String, _ encoding: Encoding, _ token: Int, _ positions: OffsetMap,
    scores: [Float]
  ) -> TokenPrediction {
    let id = encoding.ids[token]
    let bytes = encoding.offsets[token]
    let offsets = positions.convert(bytes)
    let isUnknown = id == tokenizer.unkID
    let piece = tokenizer.token(for: id) ?? ""
    return TokenPrediction(
      word: isUnknown ? Self.slice(text, bytes) : piece, scores: scores, offsets: offsets,
      utf8Offsets: bytes, index: token,
      // As the pipeline tests it: a piece whose length differs from its text has a prefix.
      continuesWord: !isUnknown && piece.unicodeScalars.count != offsets.count)
  }

  private static func slice(_ text: String, _ bytes: Range<Int>) -> String {
    String(decoding: text.utf8.dropFirst(bytes.lowerBound).prefix(bytes.count), as: UTF8.self)
  }
}
