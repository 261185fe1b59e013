public import SwiftletTokenizer

/// The common interface of ``Classifier``, ``TokenClassifier``, ``QuestionAnswerer``, ``Embedder``,
/// ``FillMask``, ``ZeroShotClassifier`` and ``MultipleChoice``.
///
/// Every task has a synchronous and an asynchronous method of the same name. Swift selects the
/// synchronous one in a synchronous function and the asynchronous one, with `await`, in an `async`
/// function.
public protocol TaskModel: AnyObject, Sendable {
  /// The maximum number of tokens of an input, special tokens included.
  var maxLength: Int { get }
  /// The model's tokenizer.
  var tokenizer: Tokenizer { get }
  /// The names of checkpoint tensors that the task does not use.
  var unusedTensors: [String] { get }
}

extension TaskModel {
  /// Calls synchronous methods in an `async` function, where Swift selects the asynchronous ones.
  ///
  ///     let answer = try classifier.synchronously { try $0.classify("Dreadful.") }
  ///
  /// The closure blocks the calling thread. Use it on a thread outside of Swift's cooperative pool,
  /// for a short text that takes less time than a thread switch, or in an actor that must not be
  /// reentered. Otherwise use `await`: the pool has only one thread per processor, and none of them
  /// should block. A synchronous call does not notice that its task is cancelled.
  ///
  /// At the top level of `main.swift` Swift selects the synchronous methods and warns that there is
  /// nothing to `await`. Put asynchronous code into an `async` function there.
  public func synchronously<Result: ~Copyable, Failure: Error>(
    _ body: (Self) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(self)
  }
}

extension Classifier: TaskModel {}
extension TokenClassifier: TaskModel {}
extension QuestionAnswerer: TaskModel {}
extension Embedder: TaskModel {}
extension FillMask: TaskModel {}
extension ZeroShotClassifier: TaskModel {}
extension MultipleChoice: TaskModel {}
