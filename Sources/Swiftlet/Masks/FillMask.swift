import SwiftletCheckpoint
import SwiftletEncoder
public import SwiftletTokenizer

/// Fills the `[MASK]` tokens of texts with the tokens that the model predicts.
///
///     let model = try FillMask(directory: "path/to/model")
///     let filled = try model.fill("Paris is the [MASK] of France.")
///     print(filled.masks[0][0].token)     // capital
///
/// Any number of threads and tasks may call it at once. The results equal
/// transformers' fill-mask pipeline over `DistilBertForMaskedLM` and `BertForMaskedLM` in float32.
public final class FillMask: Sendable {
  /// The maximum number of tokens of a text, special tokens included.
  public var maxLength: Int { model.maxLength }
  /// The model's tokenizer.
  public var tokenizer: Tokenizer { model.tokenizer }
  /// The names of checkpoint tensors that the task does not use.
  public var unusedTensors: [String] { model.unusedTensors }
  let model: TextModel<MaskedLanguageHead>
  private let maskID: Int32

  /// The maximum number of texts in a batch: each mask needs a row as wide as the vocabulary.
  private static let batchSize = 64

  /// Loads a model from a directory with `config.json`, weights of safetensors, PyTorch or
  /// ONNX, and `tokenizer.json` or `vocab.txt`.
  ///
  /// - Throws: ``SwiftletError`` if a file is missing, damaged or not supported, and for a
  ///   vocabulary without `[MASK]`.
  public init(directory: String, options: ModelOptions = ModelOptions()) throws(SwiftletError) {
    let folder = try ModelLocation(directory).folder()
    let configuration = try ModelLoading.configuration(in: folder.transformer, labelled: false)
    let tokenizer = try ModelLoading.tokenizer(of: folder)
    // A mask token that is only an added token has an id without an embedding.
    guard let maskID = tokenizer.maskID, maskID < configuration.vocabularySize else {
      throw .invalidModel(reason: "the vocabulary in \(directory) has no mask token ([MASK])")
    }
    self.maskID = maskID
    model = try TextModel(
      folder: folder, task: .fillMask, tokenizer: tokenizer, configuration: configuration,
      options: options
    ) { (checkpoint, kernels, pool) throws(CheckpointError) in
      try MaskedLanguageHead(
        maskID: maskID, configuration: configuration, checkpoint: checkpoint, kernels: kernels,
        pool: pool)
    }
  }

  /// Fills the masks of one text on the calling thread.
  ///
  /// - Throws: ``SwiftletError/invalidOption(reason:)``; ``SwiftletError/text(_:index:)``:
  ///   ``TextProblem/noMask`` for a text without a mask or whose masks were truncated, or
  ///   ``TextProblem/tooLong(tokenCount:maxLength:)`` if the options forbid truncation.
  public func fill(
    _ text: String, options: MaskFillingOptions = MaskFillingOptions()
  ) throws(SwiftletError) -> MaskFilling {
    try fill([text], options: options)[0]
  }

  /// Fills the masks of many texts in batches without padding, on the engine's threads and the
  /// calling thread. Returns the answers in the order of the texts.
  ///
  /// - Throws: As the method for one text; `index` says which text it was.
  public func fill(
    _ texts: [String], options: MaskFillingOptions = MaskFillingOptions()
  ) throws(SwiftletError) -> [MaskFilling] {
    try fill(texts, options, by: model)
  }

  /// Runs ``fill(_:options:)-([String],_)`` by a model that can be cancelled.
  func fill(
    _ texts: [String], _ options: MaskFillingOptions, by model: TextModel<MaskedLanguageHead>
  ) throws(SwiftletError) -> [MaskFilling] {
    guard options.topK >= 1 else {
      throw .invalidOption(reason: "topK is \(options.topK); it must be at least 1")
    }
    if case .window = options.longText {
      throw .invalidOption(
        reason: "longText .window is not supported for masks; use .truncate or .error")
    }
    let targets = try options.targets.map { (targets) throws(SwiftletError) in
      try targetIDs(targets)
    }
    var answers: [MaskFilling] = []
    for first in stride(from: 0, to: texts.count, by: Self.batchSize) {
      let part = first..<min(first + Self.batchSize, texts.count)
      answers += try fill(texts, part, targets, options, by: model)
    }
    return answers
  }

  private func fill(
    _ texts: [String], _ part: Range<Int>, _ targets: [Int32]?, _ options: MaskFillingOptions,
    by model: TextModel<MaskedLanguageHead>
  ) throws(SwiftletError) -> [MaskFilling] {
    var batch = PackedBatch()
    var encoded: [EncodedText] = []
    for index in part {
      let text = try model.encode(texts[index], options.longText, index: index)
      guard text.sequence.ids.contains(maskID) else { throw .text(.noMask, index: index) }
      batch.append(text.sequence)
      encoded.append(text)
    }
    let logits = try model.output(of: batch)
    var rows = logits[...]
    return encoded.map { answer($0, targets, options, taking: &rows) }
  }

  /// Builds the answer to one text; takes the logits of its masks from the front of `rows`.
  private func answer(
    _ text: EncodedText, _ targets: [Int32]?, _ options: MaskFillingOptions,
    taking rows: inout ArraySlice<Float>
  ) -> MaskFilling {
    let width = model.configuration.vocabularySize
    let ids = text.sequence.ids
    let places = ids.indices.filter { ids[$0] == maskID }
    let masks = places.map { place in
      let scores = ScoreFunction.softmax.scores(of: Array(rows.prefix(width)))
      rows = rows.dropFirst(width)
      return Self.best(scores, of: targets, count: options.topK).map { id in
        candidate(
          Int32(id), score: scores[id], at: place, of: ids, isOnly: places.count == 1)
      }
    }
    return MaskFilling(
      masks: masks, tokenCount: text.tokenCount, isTruncated: text.isTruncated)
  }

  private func candidate(
    _ id: Int32, score: Float, at place: Int, of ids: [Int32], isOnly: Bool
  ) -> MaskCandidate {
    var ids = ids
    ids[place] = id
    if let padID = tokenizer.padID { ids.removeAll { $0 == padID } }
    return MaskCandidate(
      token: tokenizer.decode([id], skipSpecialTokens: false), tokenID: id, score: score,
      sequence: tokenizer.decode(ids, skipSpecialTokens: isOnly))
  }

  /// Returns the ids with the highest scores, of equal scores the lowest id first.
  private static func best(_ scores: [Float], of targets: [Int32]?, count: Int) -> [Int] {
    let candidates = targets.map { $0.map(Int.init) } ?? Array(scores.indices)
    func isBefore(_ left: Int, _ right: Int) -> Bool {
      scores[left] == scores[right] ? left < right : scores[left] > scores[right]
    }
    guard count < 32, count < candidates.count else {
      return Array(candidates.sorted(by: isBefore).prefix(count))
    }
    var best: [Int] = []
    for id in candidates {
      if best.count == count, let last = best.last, !isBefore(id, last) { continue }
      if best.count == count { best.removeLast() }
      best.insert(id, at: best.firstIndex { isBefore(id, $0) } ?? best.count)
    }
    return best
  }

  /// Returns the id of each target, or of its first token, without duplicates.
  private func targetIDs(_ targets: [String]) throws(SwiftletError) -> [Int32] {
    var ids: [Int32] = []
    for target in targets {
      let options = EncodingOptions(maxLength: 1, addSpecialTokens: false)
      let id =
        tokenizer.id(of: target) ?? tokenizer.encode(target, options: options).ids.first
      guard let id, !ids.contains(id) else { continue }
      guard Int(id) < model.configuration.vocabularySize else {
        throw .invalidModel(
          reason: "the target \"\(target)\" has the token \(id), but the model has only "
            + "\(model.configuration.vocabularySize) embeddings; use the vocabulary and the weights of "
            + "the same model")
      }
      ids.append(id)
    }
    guard !ids.isEmpty else {
      throw .invalidOption(reason: "no target has a token; give at least one that has")
    }
    return ids
  }
}
