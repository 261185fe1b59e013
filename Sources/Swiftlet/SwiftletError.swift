import SwiftletCheckpoint
import SwiftletEncoder
package import SwiftletRuntime
import SwiftletSystem
package import SwiftletTokenizer

/// Why a model can't be loaded or can't compute an answer.
public enum SwiftletError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The model's directory or a file in it is missing or can't be read.
  case missingFile(reason: String)
  /// A file of the model is malformed, contradictory, or has tensors of the wrong shape.
  case invalidModel(reason: String)
  /// The model is valid, but Swiftlet does not support its kind.
  case unsupportedModel(reason: String)
  /// The kernels or threads named by the environment or the options are not available.
  case engine(reason: String)
  /// The system refused `bytes` bytes of memory for `purpose`, such as the weights or a pass.
  case memory(bytes: Int, purpose: String)
  /// The task was cancelled. Asynchronous methods throw it when the current passes end, or earlier.
  ///
  /// Not a `CancellationError`, because the methods throw only `SwiftletError`.
  case cancelled
  /// A file or folder can't be written or must not be replaced.
  case unwritable(reason: String)
  /// One of the texts can't be computed; `index` is its position in the call, from 0.
  case text(TextProblem, index: Int)
  /// An option has an invalid value.
  case invalidOption(reason: String)

  /// What is wrong, what was found, and what to do.
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
  /// The index of the text that caused the error; nil if no text did.
  package var textIndex: Int? {
    if case .text(_, let index) = self { index } else { nil }
  }

  /// This error with its text index moved by `count`, for a batch of a stream.
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
      .wrongType, .invalidScale, .notQuantizable, .unknownFormat:
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
