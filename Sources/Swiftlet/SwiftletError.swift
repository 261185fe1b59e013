import SwiftletCheckpoint
import SwiftletEncoder
package import SwiftletRuntime
import SwiftletSystem
package import SwiftletTokenizer

/// What can go wrong between a directory, a text and an answer. Each description says what was
/// found and what to do about it.
public enum SwiftletError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The model's directory or a file in it is not there, or can't be read.
  case missingFile(reason: String)
  /// A file of the model is not what it should be: malformed, contradictory, of the wrong shape.
  case invalidModel(reason: String)
  /// The model is sound, but of a kind that Swiftlet does not run.
  case unsupportedModel(reason: String)
  /// The kernels or threads that the environment or the options name are not available.
  case engine(reason: String)
  /// The system refused `bytes` bytes of memory for `purpose`, such as the weights or a pass.
  case memory(bytes: Int, purpose: String)
  /// The task that asked was cancelled. All asynchronous methods throw it, at the latest when the
  /// passes that run at that moment are over. It is a case of this error, and not a
  /// `CancellationError`, because the methods throw nothing but `SwiftletError`.
  case cancelled
  /// A file or folder can't be written, or may not be replaced.
  case unwritable(reason: String)
  /// One of the texts can't be computed; `index` is its place among those that were given.
  case text(TextProblem, index: Int)
  /// An option has a value that makes no sense.
  case invalidOption(reason: String)

  /// What was found where, and what to do, in a sentence for people.
  public var description: String {
    switch self {
    case .missingFile(let reason), .invalidModel(let reason), .unsupportedModel(let reason),
      .engine(let reason), .invalidOption(let reason), .unwritable(let reason):
      reason
    case .memory(let bytes, let purpose):
      MemoryError(bytes: bytes, purpose: purpose).description
    case .cancelled: "the task was cancelled before its answers were computed"
    case .text(let problem, let index): "text \(index + 1) \(problem)"
    }
  }
}

extension SwiftletError {
  /// Which of the texts it is about; nil for errors about none of them.
  package var textIndex: Int? {
    if case .text(_, let index) = self { index } else { nil }
  }

  /// The same error for a text of a stream, `count` texts after the one that it names.
  func counting(from count: Int) -> SwiftletError {
    guard case .text(let problem, let index) = self else { return self }
    return .text(problem, index: count + index)
  }

  init(_ error: CheckpointError) {
    switch error {
    case .unreadableConfiguration: self = .missingFile(reason: error.description)
    case .missingWeights(let reason): self = .missingFile(reason: reason)
    case .unsupportedArchitecture, .unsupportedFeature, .prunedHeads, .unsupportedQuantization,
      .quantizedWeights:
      self = .unsupportedModel(reason: error.description)
    case .kernels(let reason): self = .engine(reason: reason)
    case .memory(let error): self = SwiftletError(error)
    case .unwritable(let reason): self = .unwritable(reason: reason)
    case .alreadyQuantized: self = .invalidOption(reason: error.description)
    case .invalidConfiguration, .weights, .ambiguousTensor, .missingTensors, .wrongShape,
      .wrongType, .unknownFormat:
      self = .invalidModel(reason: error.description)
    }
  }

  init(_ error: MemoryError) { self = .memory(bytes: error.bytes, purpose: error.purpose) }

  package init(_ error: KernelsError) { self = .engine(reason: error.description) }

  package init(_ error: TokenizerError) {
    switch error {
    case .unreadable, .directoryNotFound, .notADirectory, .vocabularyNotFound:
      self = .missingFile(reason: error.description)
    case .unsupported: self = .unsupportedModel(reason: error.description)
    default: self = .invalidModel(reason: error.description)
    }
  }
}
