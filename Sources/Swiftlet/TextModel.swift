import SwiftletEncoder
import SwiftletKernels
import SwiftletMemory
import SwiftletTokenizer

/// What every facade stands on: a tokenizer, and an engine with the task's head.
struct TextModel<Head: EncoderHead>: Sendable {
  let tokenizer: Tokenizer
  let engine: HeadEngine<Head>
  /// The most tokens of a sequence, special ones included: what the model has positions for, and the
  /// tokenizer's files allow.
  let maximumLength: Int
  /// Tensors of the checkpoint that nothing has read.
  let unusedTensors: [String]
  /// Ends the work of one call early. All that follows looks at it between texts, windows and passes.
  private var cancellation = Cancellation.never

  var configuration: ModelConfiguration { engine.configuration }

  /// Loads the weights of a folder that is for `task`, and the tokenizer unless there is one;
  /// `makeHead` reads the head's. `maximumLength` counts over what the tokenizer says.
  init(
    folder: ModelFolder, task: ModelTask, tokenizer: Tokenizer? = nil, maximumLength: Int? = nil,
    configuration: ModelConfiguration, options: ModelOptions,
    makeHead: (CheckpointReader, Kernels, WorkerPool) throws(EncoderError) -> Head
  ) throws(SwiftletError) {
    self.tokenizer =
      if let tokenizer { tokenizer } else { try ModelLoading.tokenizer(of: folder) }
    let pool = WorkerPool(threadCount: try ModelLoading.threadCount(options.threads))
    let checkpoint = try ModelLoading.checkpoint(in: folder, options)
    let heads = checkpoint.heads(of: configuration.architecture)
    try ModelPurpose(folder, configuration, heads).check(task, insists: options.allowsOtherTask)
    do throws(EncoderError) {
      let kernels = try ModelLoading.kernels(options, isQuantized: checkpoint.isQuantized)
      let head = try makeHead(checkpoint, kernels, pool)
      let encoder = try Encoder(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels, pool: pool)
      engine = try reserving { () throws(MemoryError) in
        try HeadEngine(encoder: encoder, head: head, pool: pool)
      }
      unusedTensors = checkpoint.unreadTensors
    } catch {
      throw SwiftletError(error)
    }
    let positions = configuration.maximumPositions
    self.maximumLength = min(maximumLength ?? self.tokenizer.modelMaxLength ?? positions, positions)
  }

  /// The rows of a batch, as ``HeadEngine/output(of:unless:)``.
  func output(of batch: PackedBatch) throws(SwiftletError) -> [Float] {
    try engine.output(of: batch, unless: cancellation)
  }

  /// The ids of all texts, packed, and how many tokens each had before truncation.
  func pack(
    _ texts: [String], _ longText: LongText
  ) throws(SwiftletError) -> (batch: PackedBatch, counts: [Int]) {
    var batch = PackedBatch()
    var counts: [Int] = []
    var ids: [Int32] = []
    // Nothing but ids is kept, in arrays that grow by doubling.
    let most = texts.reduce(0) { $0 + min($1.utf8.count, maximumLength) }
    try checkMemory(tokens: most, bytesEach: 3 * MemoryLayout<Int32>.stride)
    counts.reserveCapacity(texts.count)
    for (index, text) in texts.enumerated() {
      try cancellation.check()
      ids.removeAll(keepingCapacity: true)
      var types: [Int32]?
      let count = encode(text, into: &ids, &types)
      if longText == .error, count > maximumLength {
        throw .text(.tooLong(tokenCount: count, maximumLength: maximumLength), index: index)
      }
      let sequence = TokenSequence(ids: ids, typeIDs: types)
      try check(sequence, index: index)
      batch.append(sequence)
      counts.append(count)
    }
    return (batch, counts)
  }

  /// Refuses texts for whose tokens the system has no memory.
  private func checkMemory(tokens: Int, bytesEach: Int) throws(SwiftletError) {
    do throws(MemoryError) {
      try MemoryReserve.check(tokens * bytesEach, for: "\(tokens) tokens")
    } catch {
      throw SwiftletError(error)
    }
  }

  /// Appends the ids of a text, cut at the side that the tokenizer's files say; returns how many it has.
  private func encode(_ text: String, into ids: inout [Int32], _ types: inout [Int32]?) -> Int {
    let side = tokenizer.truncationSide
    guard side == .left || tokenizer.typesSingleTexts else {
      return tokenizer.encode(text, into: &ids, maxLength: maximumLength)
    }
    let encoding = tokenizer.encode(
      text, options: EncodingOptions(maxLength: maximumLength, truncationSide: side))
    ids += encoding.inputIDs
    types = tokenizer.modelTypeIDs(of: encoding)
    return encoding.tokenCountBeforeTruncation
  }

  /// The sequences in which the model sees a text or a pair: one, or the windows that it is cut into.
  ///
  /// `truncation` says from which text of a pair tokens are cut off; `maximumLength` is what the model
  /// takes unless it is given.
  func windows(
    _ text: String, pair: String? = nil, truncation: TruncationStrategy = .longestFirst,
    _ longText: LongText, maximumLength: Int? = nil, index: Int
  ) throws(SwiftletError) -> [Encoding] {
    var windows: [Encoding] = []
    try forEachWindow(
      text, pair: pair, truncation: truncation, longText, maximumLength: maximumLength, index: index
    ) { (window) throws(SwiftletError) in windows.append(window) }
    return windows
  }

  /// The same one after another: a text of megabytes has windows of gigabytes.
  func forEachWindow(
    _ text: String, pair: String?, truncation: TruncationStrategy, _ longText: LongText,
    maximumLength: Int? = nil, index: Int, _ body: (Encoding) throws(SwiftletError) -> Void
  ) throws(SwiftletError) {
    try cancellation.check()
    let length = maximumLength ?? self.maximumLength
    // Ids, types, offsets, masks and words.
    try checkMemory(
      tokens: min(text.utf8.count + (pair?.utf8.count ?? 0), length), bytesEach: 64)
    let options = EncodingOptions(
      maxLength: length, truncation: truncation, truncationSide: tokenizer.truncationSide)
    switch longText {
    case .truncate: try body(tokenizer.encode(text, pair: pair, options: options))
    case .error:
      let encoding = tokenizer.encode(text, pair: pair, options: options)
      guard !encoding.isTruncated else {
        let count = encoding.tokenCountBeforeTruncation
        throw .text(.tooLong(tokenCount: count, maximumLength: length), index: index)
      }
      try body(encoding)
    case .window(let stride):
      let windows: EncodingWindows
      do throws(TokenizerError) {
        windows = try tokenizer.windows(text, pair: pair, stride: stride, options: options)
      } catch {
        // There is no other reason.
        throw .text(.noRoomForWindows(maximumLength: length, stride: stride), index: index)
      }
      for window in windows {
        try cancellation.check()
        try body(window)
      }
    }
  }

  /// Refuses what no forward pass may see: a sequence without tokens, which only a tokenizer.json
  /// without special tokens makes, one that is too long, and ids or types without an embedding.
  func check(_ sequence: TokenSequence, index: Int) throws(SwiftletError) {
    if let problem = configuration.problem(with: sequence) {
      throw SwiftletError(problem, index: index)
    }
  }

  /// Adds what the model takes of each window.
  func append(
    _ windows: [Encoding], to batch: inout PackedBatch, index: Int
  ) throws(SwiftletError) {
    for window in windows { try append(window, to: &batch, index: index) }
  }

  func append(
    _ window: Encoding, to batch: inout PackedBatch, index: Int
  ) throws(SwiftletError) {
    let sequence = TokenSequence(
      ids: window.inputIDs, typeIDs: tokenizer.modelTypeIDs(of: window))
    try check(sequence, index: index)
    batch.append(sequence)
  }

  /// Runs `body` on one of the engine's threads; no thread of Swift's cooperative pool waits.
  ///
  /// `body` must do its work by the model that it is given, which notices that the task is cancelled.
  /// It is a synchronous closure: what it calls by a name that has both forms is the synchronous one.
  ///
  /// - Throws: ``SwiftletError/cancelled``, at once while the work has not begun.
  func onEngine<Value: Sendable>(
    _ body: @escaping @Sendable (TextModel) throws(SwiftletError) -> Value
  ) async throws(SwiftletError) -> Value {
    let call = EngineCall<Value>()
    var model = self
    model.cancellation = call.cancellation
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard call.wait(continuation) else { return }
        engine.pool.submit { [model] in
          call.run { () throws(SwiftletError) in try body(model) }
        }
      }
    } onCancel: {
      call.cancel()
    }
    return try result.get()
  }
}
