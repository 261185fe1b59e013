#if Server
import Hummingbird
import SwiftletEncoder

/// The inputs of one HTTP request from texts to rows: admitted, tokenized, computed, counted.
struct InferenceCall {
  let call: RouteCall
  let task: InputTask
  let method: RequestMethod
  /// Number of inputs.
  let count: Int

  /// The work for a request.
  struct Work {
    var characters = 0
    var tokens = 0
    /// Inputs that were truncated to the model's maximum length.
    var truncated = 0
    /// Means over the inputs.
    var durations = StageDurations()
  }

  /// Computes a row for each input, or the rows of its tokens, and writes the response.
  ///
  /// - Parameters:
  ///   - kind: The rows that are wanted.
  ///   - encode: The tokens of the input at an index.
  ///   - write: The response's body.
  /// - Returns: The response, with the work in its headers.
  /// - Throws: The first error of any input; the others are not answered.
  func respond(
    _ kind: RowKind = .pooled,
    encode: (Int) throws(ServerError) -> EncodedInput,
    write: ([[Float]], Work) throws(ServerError) -> [UInt8]
  ) async throws(ServerError) -> Response {
    let metrics = call.serving.metrics
    metrics.requestCounted(method)
    try call.serving.check(batchSize: count)
    var work = Work()
    let (answer, share) = try await compute(kind, encode, &work)
    let body = try await call.making(bytes: share?.bytes ?? 0) {
      [work] () async throws(ServerError) in
      ResponseContent(try write(answer.rows, work), accepting: call.acceptedCodings)
    }
    work.durations.total = ContinuousClock.now - call.start
    metrics.requestSucceeded(method, work.durations)
    for _ in 0..<count { metrics.inputSucceeded(task, work.durations) }
    return Response(body, headers: ComputeHeaders.fields(work), holding: share)
  }

  /// Memory of a response while it is written: each number as a float and as text.
  private func size(_ numberCount: Int) -> Int { 20 * numberCount }

  private func compute(
    _ kind: RowKind, _ encode: (Int) throws(ServerError) -> EncodedInput, _ work: inout Work
  ) async throws(ServerError) -> (QueueAnswer, ResponseMemoryBudget.Share?) {
    let queue = call.serving.queue
    try queue.reserve(count)
    let sequences: [TokenSequence]
    let share: ResponseMemoryBudget.Share?
    do throws(ServerError) {
      sequences = try await tokenize(encode, &work)
      let rows = kind == .tokens ? work.tokens : count
      share = try call.responseShare(of: size(rows * call.serving.model.rowWidth(kind)))
    } catch {
      queue.release(count)
      throw error
    }
    let request = QueuedRequest(client: call.client.id, kind: kind, sequences: sequences)
    call.client.onDeparture { queue.cancel(request, .departed) }
    defer { call.client.onDeparture(nil) }
    let answer = try await queue.rows(of: request)
    work.durations.queue = Self.mean(answer.queueTimes)
    work.durations.inference = Self.mean(answer.inferenceTimes)
    return (answer, share)
  }

  private func tokenize(
    _ encode: (Int) throws(ServerError) -> EncodedInput, _ work: inout Work
  ) async throws(ServerError) -> [TokenSequence] {
    let metrics = call.serving.metrics
    var sequences: [TokenSequence] = []
    sequences.reserveCapacity(count)
    var time = Duration.zero
    var charactersAtYield = 0
    for index in 0..<count {
      metrics.inputCounted(task)
      let input = try encode(index)
      metrics.inputLength(input.sequence.ids.count)
      call.serving.drift.text(call.serving.model.pieceKinds.counts(input.sequence.ids))
      sequences.append(input.sequence)
      work.characters += input.characters
      work.tokens += input.sequence.ids.count
      if input.isTruncated { work.truncated += 1 }
      time += input.time
      // Long batches must not keep short requests from the few cooperative threads.
      if work.characters - charactersAtYield > 16_384 {
        charactersAtYield = work.characters
        await Task.yield()
      }
    }
    work.durations.tokenization = count > 0 ? time / count : .zero
    return sequences
  }

  private static func mean(_ durations: [Duration]) -> Duration {
    guard durations.count > 1 else { return durations.first ?? .zero }
    return durations.reduce(.zero, +) / durations.count
  }
}
#endif
