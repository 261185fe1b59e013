#if Server
/// The queue between the requests of one version of a model and the threads, which it shares with
/// the server's other models.
///
/// Each model admits ``Limits/concurrentInputs`` inputs, whatever the others have admitted. The
/// ``PassScheduler`` decides which sequences the next pass computes.
final class InferenceQueue: Sendable {
  struct Limits: Sendable {
    /// Maximum number of inputs of a model that wait or are computed.
    var concurrentInputs = 512
    /// Maximum number of tokens of a pass, except for a single longer sequence. The rows of a
    /// thread then fit into its cache. With more, short texts wait longer for long ones, and
    /// responses come in larger bursts.
    var passTokens = 192
    /// Maximum number of inputs of a pass.
    var passInputs = Int.max
    /// Maximum number of passes at the same time.
    var workers = 1
    /// Maximum time until the first input of a request is computed.
    var timeout = Duration.seconds(30)
  }

  private let scheduler: PassScheduler
  private let engine: PassEngine

  /// Gives `engine` a share of the scheduler's threads, as long as this queue is referenced.
  init(_ scheduler: PassScheduler, _ engine: PassEngine) {
    self.scheduler = scheduler
    self.engine = engine
    scheduler.add(engine)
  }

  deinit { scheduler.remove(engine) }

  /// Admitted inputs that are not answered yet.
  var reserved: Int { engine.reserved }

  /// Admits inputs, or refuses them before anything is tokenized or stored for them. Admitted
  /// inputs end with ``rows(of:)``, for as many sequences, or with ``release(_:)``.
  ///
  /// - Throws: ``ServerError/overloaded``, or ``ServerError/tooManyInputs(_:maximum:)`` if the
  ///   queue could never admit them.
  func reserve(_ count: Int) throws(ServerError) {
    let limit = scheduler.limits.concurrentInputs
    guard count <= limit else { throw .tooManyInputs(count, maximum: limit) }
    guard engine.reserve(count, limit: limit) else { throw .overloaded }
  }

  /// Releases admitted inputs that did not reach the queue.
  func release(_ count: Int) { engine.release(count) }

  /// Computes the rows of a request's sequences, which must be admitted.
  ///
  /// - Throws: ``ServerError/expired(seconds:)``, ``ServerError/stopping`` if the task is
  ///   cancelled, the error given to ``cancel(_:_:)``, or the engine's error.
  func rows(of request: QueuedRequest) async throws(ServerError) -> QueueAnswer {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { scheduler.enqueue(request, $0, for: engine) }
    } onCancel: {
      cancel(request, .stopping)
    }
    return try result.get()
  }

  /// Drops a request's waiting sequences, now or when it arrives; its task gets `error`. A running
  /// pass continues.
  func cancel(_ request: QueuedRequest, _ error: ServerError) {
    scheduler.cancel(request, error, of: engine)
  }

  /// Ends all waiting and later requests, of all models, with ``ServerError/stopping``. Running
  /// passes continue.
  func stop() { scheduler.stop() }
}
#endif
