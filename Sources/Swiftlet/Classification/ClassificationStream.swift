/// An asynchronous sequence of answers to a stream of texts; see
/// ``Classifier/classify(_:options:batchSize:)``.
public struct ClassificationStream<Texts: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Texts.Element == String {
  let classifier: Classifier
  let texts: Texts
  let options: ClassificationOptions
  let batchSize: Int

  /// Creates an iterator and starts reading the texts.
  public func makeAsyncIterator() -> Iterator {
    let buffer = TextBuffer(capacity: batchSize)
    let reader = Task { [texts] in
      do {
        for try await text in texts {
          guard await buffer.append(text) else { return }
        }
        await buffer.finish(nil)
      } catch {
        await buffer.finish(error)
      }
    }
    return Iterator(
      classifier: classifier, options: options, source: Source(buffer: buffer, reader: reader))
  }

  /// One pass over the texts.
  public struct Iterator: AsyncIteratorProtocol {
    let classifier: Classifier
    let options: ClassificationOptions
    fileprivate let source: Source
    private var ready: ArraySlice<Classification> = []
    private var textCount = 0
    /// The error to throw after the answers that are ready.
    private var failure: SwiftletError?
    private var isEnded = false

    fileprivate init(classifier: Classifier, options: ClassificationOptions, source: Source) {
      self.classifier = classifier
      self.options = options
      self.source = source
    }

    /// Returns the next answer; nil at the end of the texts and after an error.
    ///
    /// - Throws: ``SwiftletError/cancelled`` once the task is cancelled, so that a cancelled stream
    ///   differs from one that ended.
    public mutating func next() async throws -> Classification? {
      guard !isEnded else { return nil }
      guard !Task.isCancelled else { return try end(with: .cancelled) }
      if let answer = ready.popFirst() { return answer }
      if let error = failure { return try end(with: error) }
      let texts = try await source.take()
      guard !Task.isCancelled else { return try end(with: .cancelled) }
      guard !texts.isEmpty else { return nil }
      do throws(SwiftletError) {
        ready = try await classifier.classify(texts, options: options)[...]
        textCount += texts.count
      } catch {
        failure = error.counting(from: textCount)
        // Answers the texts before the one that failed.
        let before = Array(texts.prefix(error.textIndex ?? 0))
        if !before.isEmpty { ready = try await classifier.classify(before, options: options)[...] }
        return try await next()
      }
      return ready.popFirst()
    }

    /// Ends the iteration and stops reading the source.
    private mutating func end(with error: SwiftletError) throws(SwiftletError) -> Classification? {
      isEnded = true
      ready = []
      source.close()
      throw error
    }
  }
}

/// The reader of one iteration, which stops when the iterator is released.
private final class Source: Sendable {
  private let buffer: TextBuffer
  private let reader: Task<Void, Never>

  init(buffer: TextBuffer, reader: Task<Void, Never>) {
    self.buffer = buffer
    self.reader = reader
  }

  deinit { close() }

  /// Stops reading and drops the buffered texts.
  func close() {
    reader.cancel()
    // Wakes the reader if it waits for room in the buffer.
    Task { [buffer] in await buffer.drop() }
  }

  func take() async throws -> [String] {
    try await withTaskCancellationHandler {
      try await buffer.take()
    } onCancel: {
      close()
    }
  }
}

/// A bounded buffer of texts between the reader and the classifier.
private actor TextBuffer {
  private let capacity: Int
  private var texts: [String] = []
  private var isFinished = false
  private var failure: (any Error)?
  private var writer: CheckedContinuation<Void, Never>?
  private var taker: CheckedContinuation<Void, Never>?

  init(capacity: Int) { self.capacity = capacity }

  /// Waits for room and appends a text; returns false if the iteration has ended.
  func append(_ text: String) async -> Bool {
    while texts.count >= capacity, !isFinished {
      await withCheckedContinuation { writer = $0 }
    }
    guard !isFinished else { return false }
    texts.append(text)
    wake(&taker)
    return true
  }

  func finish(_ error: (any Error)?) {
    guard !isFinished else { return }
    isFinished = true
    failure = error
    wake(&taker)
    wake(&writer)
  }

  /// Ends the iteration and drops the texts.
  func drop() {
    finish(nil)
    texts.removeAll()
  }

  /// Waits for a text and takes all buffered texts; returns none at the end. Throws the source's
  /// error after the texts before it.
  func take() async throws -> [String] {
    while texts.isEmpty, !isFinished {
      await withCheckedContinuation { taker = $0 }
    }
    if texts.isEmpty, let error = failure {
      failure = nil
      throw error
    }
    defer {
      texts.removeAll(keepingCapacity: true)
      wake(&writer)
    }
    return texts
  }

  private func wake(_ continuation: inout CheckedContinuation<Void, Never>?) {
    continuation?.resume()
    continuation = nil
  }
}
