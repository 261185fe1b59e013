import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletRuntime
import SwiftletSystem
import SwiftletTokenizer

/// The base of every task: a text encoder and an engine with the task's head.
struct TextModel<Head: EncoderHead>: Sendable {
  let encoder: TextEncoder
  let engine: BatchRunner<Head>
  /// Tensors of the checkpoint that nothing has read.
  let unusedTensors: [String]
  /// Stops a call; checked between texts, windows and passes.
  private var cancellation = Cancellation.never

  var tokenizer: Tokenizer { encoder.tokenizer }
  var configuration: ModelConfiguration { engine.configuration }
  /// The maximum number of tokens of a sequence, from the model's positions and the tokenizer's
  /// files.
  var maxLength: Int { encoder.maxLength }

  /// Loads the weights of a folder for `task`, and its tokenizer if none is passed; `makeHead`
  /// loads the head. `maxLength` overrides the tokenizer's. With a `pool`, the model computes on
  /// its threads, and `options.threads` has no effect.
  init(
    folder: ModelFolder, task: ModelTask, tokenizer: Tokenizer? = nil, maxLength: Int? = nil,
    configuration: ModelConfiguration, options: ModelOptions, pool: WorkerPool? = nil,
    makeHead: (CheckpointReader, Kernels, WorkerPool) throws(CheckpointError) -> Head
  ) throws(SwiftletError) {
    let tokenizer = if let tokenizer { tokenizer } else { try ModelLoading.tokenizer(of: folder) }
    let pool =
      if let pool { pool } else {
        WorkerPool(threadCount: try ModelLoading.threadCount(options.threads))
      }
    let checkpoint = try ModelLoading.checkpoint(in: folder, options)
    let heads = checkpoint.heads(of: configuration.architecture)
    try ModelPurpose(folder, configuration, heads).check(task, insists: options.allowsOtherTask)
    do throws(CheckpointError) {
      let kernels = try ModelLoading.kernels(options, isQuantized: checkpoint.isQuantized)
      let head = try makeHead(checkpoint, kernels, pool)
      let body = try Encoder(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels, pool: pool)
      engine = try reserving { () throws(MemoryError) in
        try BatchRunner(encoder: body, head: head, pool: pool)
      }
      unusedTensors = checkpoint.unreadTensors
    } catch {
      throw SwiftletError(error)
    }
    let positions = configuration.maxPositions
    encoder = TextEncoder(
      tokenizer: tokenizer, configuration: configuration,
      maxLength: min(maxLength ?? tokenizer.modelMaxLength ?? positions, positions))
  }

  /// The rows of a batch, as ``BatchRunner/output(of:unless:)``.
  func output(of batch: PackedBatch) throws(SwiftletError) -> [Float] {
    try engine.rows(of: batch, unless: cancellation)
  }

  /// Encodes a text or a pair; `longText` must not be `.window`. `maxLength` overrides the
  /// encoder's, `index` is the text's position in the call, for errors.
  func encode(
    _ text: String, pair: String? = nil, _ longText: LongText,
    strategy: TruncationStrategy = .longestFirst, maxLength: Int? = nil, index: Int
  ) throws(SwiftletError) -> EncodedText {
    try encoding(text, pair, maxLength, index) { (encoder) throws(TextProblem) in
      try encoder.encode(text, pair: pair, policy(longText), strategy: strategy)
    }
  }

  /// Encodes a text or a pair with offsets; returns one encoding, or those of all windows.
  func encodings(
    _ text: String, pair: String? = nil, _ longText: LongText,
    strategy: TruncationStrategy = .longestFirst, maxLength: Int? = nil, index: Int
  ) throws(SwiftletError) -> [Encoding] {
    guard case .window(let stride) = longText else {
      return [
        try encoding(text, pair, maxLength, index) { (encoder) throws(TextProblem) in
          try encoder.encoding(text, pair: pair, policy(longText), strategy: strategy)
        }
      ]
    }
    var encodings: [Encoding] = []
    for window in try windows(
      text, pair: pair, stride: stride, strategy: strategy, maxLength: maxLength, index: index)
    {
      try checkCancellation()
      encodings.append(window)
    }
    return encodings
  }

  /// Encodes a text or a pair in windows, which are built on demand: all windows of a text of
  /// megabytes would take gigabytes.
  func windows(
    _ text: String, pair: String? = nil, stride: Int, strategy: TruncationStrategy,
    maxLength: Int? = nil, index: Int
  ) throws(SwiftletError) -> EncodingWindows {
    try encoding(text, pair, maxLength, index) { (encoder) throws(TextProblem) in
      try encoder.windows(
        text, pair: pair, stride: stride, side: tokenizer.truncationSide, strategy: strategy)
    }
  }

  /// Appends the sequence of each window to a batch.
  func append(
    _ windows: some Sequence<Encoding>, to batch: inout PackedBatch, index: Int
  ) throws(SwiftletError) {
    for window in windows { batch.append(try sequence(of: window, index: index)) }
  }

  /// Checks an encoding and converts it to a sequence.
  func sequence(of encoding: Encoding, index: Int) throws(SwiftletError) -> TokenSequence {
    try naming(index) { () throws(TextProblem) in try encoder.encoded(encoding).sequence }
  }

  /// - Throws: ``SwiftletError/cancelled``.
  func checkCancellation() throws(SwiftletError) {
    if cancellation.isCancelled { throw .cancelled }
  }

  private func policy(_ longText: LongText) -> TruncationPolicy {
    TruncationPolicy(truncates: longText != .error, side: tokenizer.truncationSide)
  }

  /// Checks for cancellation and for memory for the tokens, then calls `body` to encode.
  private func encoding<Value>(
    _ text: String, _ pair: String?, _ maxLength: Int?, _ index: Int,
    _ body: (TextEncoder) throws(TextProblem) -> Value
  ) throws(SwiftletError) -> Value {
    try checkCancellation()
    var encoder = encoder
    if let maxLength { encoder.maxLength = maxLength }
    let tokens = min(text.utf8.count + (pair?.utf8.count ?? 0), encoder.maxLength)
    do throws(MemoryError) {
      // The 64 bytes hold a token's ids, types, offsets, masks and words.
      try MemoryReserve.check(64 * tokens, for: "\(tokens) tokens")
    } catch {
      throw SwiftletError(error)
    }
    return try naming(index) { () throws(TextProblem) in try body(encoder) }
  }

  private func naming<Value>(
    _ index: Int, _ body: () throws(TextProblem) -> Value
  ) throws(SwiftletError) -> Value {
    do throws(TextProblem) {
      return try body()
    } catch {
      throw .text(error, index: index)
    }
  }

  /// Runs `body` on one of the engine's threads, without blocking Swift's cooperative pool.
  ///
  /// `body` must compute with the model in its argument, which checks for cancellation. It is a
  /// synchronous closure, so calls in it select synchronous methods.
  ///
  /// - Throws: ``SwiftletError/cancelled``, immediately if the work has not started.
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

extension BatchRunner {
  /// ``output(of:unless:)`` with the errors of the facade.
  func rows(
    of batch: PackedBatch, unless cancellation: Cancellation = .never
  ) throws(SwiftletError) -> [Float] {
    do throws(BatchError) { return try output(of: batch, unless: cancellation) } catch {
      switch error {
      case .memory(let error): throw SwiftletError(error)
      case .cancelled: throw .cancelled
      }
    }
  }
}
