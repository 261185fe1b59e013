import CSwiftlet
import Swiftlet

/// Classifies the texts of the caller's source batch by batch on the calling thread.
struct BatchStream {
  static let usualBatchSize = 256
  static let maxBatchSize = 1 << 20

  let classifier: Classifier
  let call: ClassificationCall
  let source: swiftlet_text_source
  let sink: swiftlet_classification_sink
  let context: UnsafeMutableRawPointer?
  let batchSize: Int
  /// The number of texts in the batches before this one.
  private var first = 0
  private var isEnded = false
  /// What is wrong with a text behind the batch; thrown after the answers before it.
  private var failure: Failure?

  init(
    classifier: Classifier, call: ClassificationCall, source: @escaping swiftlet_text_source,
    sink: @escaping swiftlet_classification_sink, context: UnsafeMutableRawPointer?, batchSize: Int
  ) {
    self.classifier = classifier
    self.call = call
    self.source = source
    self.sink = sink
    self.context = context
    self.batchSize = batchSize
  }

  /// Runs until the source ends, a text fails, or a function of the caller cancels.
  mutating func run() throws(Failure) {
    while !isEnded {
      let texts = try nextBatch()
      try answer(texts)
      first += texts.count
    }
    if let failure { throw failure }
  }

  private mutating func nextBatch() throws(Failure) -> [String] {
    var texts: [String] = []
    while texts.count < batchSize, !isEnded {
      var text = swiftlet_text()
      let status = source(context, &text)
      guard status == 1 else {
        try Self.checkEnd(status)
        isEnded = true
        break
      }
      let index = first + texts.count
      do throws(Failure) {
        texts.append(try InputText.read(text, "text \(index + 1) of the stream", textIndex: index))
      } catch {
        failure = error
        isEnded = true
      }
    }
    return texts
  }

  private static func checkEnd(_ status: Int32) throws(Failure) {
    guard status <= 1 else {
      throw .argument("source returned \(status); it must return 1, 0 or a negative number")
    }
    guard status == 0 else {
      throw Failure(SWIFTLET_CANCELLED, "source returned \(status), which cancels the call")
    }
  }

  /// Passes the answers of a batch to the caller; those before a text that fails, and then throws.
  private mutating func answer(_ texts: [String]) throws(Failure) {
    let answers: [Classification]
    do throws(SwiftletError) {
      answers = try classifier.classify(texts, options: call.options)
    } catch {
      guard case .text(let problem, let index) = error else { throw Failure(error) }
      failure = Failure(.text(problem, index: first + index))
      isEnded = true
      answers = try Failure.converting { () throws(SwiftletError) in
        try classifier.classify(Array(texts.prefix(index)), options: call.options)
      }
    }
    try deliver(answers)
  }

  private func deliver(_ answers: [Classification]) throws(Failure) {
    guard !answers.isEmpty else { return }
    let result = swiftlet_classifications.make(answers, by: classifier, call)
    defer { swiftlet_classifications.free(result) }
    let status = sink(context, result, first)
    guard status == 0 else {
      throw Failure(SWIFTLET_CANCELLED, "sink returned \(status), which cancels the call")
    }
  }
}
