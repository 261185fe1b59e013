public import SwiftletTokenizer

/// What the models of all tasks have in common: ``Classifier``, ``TokenClassifier``,
/// ``QuestionAnswerer``, ``Embedder``, ``FillMask``, ``ZeroShotClassifier`` and ``MultipleChoice``.
///
/// Every task has a synchronous and an asynchronous method of one name. A synchronous function calls
/// the former; an `async` function calls the latter, with `await`.
public protocol TaskModel: AnyObject, Sendable {
  /// The most tokens of an input that the model takes, special ones included.
  var maxLength: Int { get }
  /// The tokenizer that belongs to the model.
  var tokenizer: Tokenizer { get }
  /// Tensors of the checkpoint that the task has no use for.
  var unusedTensors: [String] { get }
}

extension TaskModel {
  /// Calls synchronous methods in an `async` function, where Swift takes the asynchronous ones.
  ///
  ///     let answer = try classifier.synchronously { try $0.classify("Dreadful.") }
  ///
  /// The closure runs on the calling thread, which computes and waits. Use it where that is wanted:
  /// in an `async` function that runs on a thread of its own, for a short text whose answer takes less
  /// than a switch of threads, or in an actor that must not be entered meanwhile. Elsewhere prefer
  /// `await`: the threads of Swift's cooperative pool are as few as the processors, and none of them
  /// should wait. A synchronous call does not notice that its task is cancelled.
  ///
  /// At the top level of `main.swift` Swift takes the synchronous methods by itself, and warns that
  /// there is nothing to `await`. Put asynchronous code into an `async` function there.
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
