import Glibc
import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletONNX
import SwiftletRecords
import SwiftletSafetensors
import SwiftletSystem
import SwiftletTokenizer
import SwiftletTraining

#if Hub
import SwiftletHub
#endif

extension CommandFailure {
  /// Turns an error of the libraries into a message and a status; nil for errors of the command
  /// line, which ArgumentParser explains.
  init?(explaining error: any Error) {
    #if Hub
    if let error = error as? HubError {
      self.init(error)
      return
    }
    #endif
    switch error {
    case let failure as CommandFailure: self = failure
    case let error as RecordError: self.init(error)
    case let error as SwiftletError: self.init(error)
    case let error as CheckpointError: self.init(error)
    case let error as PyTorchError: self.init(CheckpointError(error))
    case let error as ONNXImportError: self.init(CheckpointError(error))
    case let error as TokenizerError: self.init(error)
    case let error as SafetensorsError: self.init(error)
    case let error as TrainingError: self.init(error)
    default: return nil
    }
  }

  init(_ error: TrainingError) {
    let status: ExitStatus =
      switch error {
      case .invalidOption, .sameData: .usage
      case .unwritable: .cannotCreate
      case .memory: .internalError
      case .stopped(.bestChanged): .inputOutput
      case .cancelled: SignalWatch.status
      case .invalidFile, .invalidRow, .invalidValue, .missingColumn, .undecidedTask, .unlabelledRow,
        .emptyText, .unknownLabel, .oneLabel, .noExamples, .unreadable, .stopped:
        .badData
      }
    self.init(error.description, status)
  }

  init(_ error: RecordError) {
    let status: ExitStatus
    if case .file(let fault) = error {
      status = fault.operation == "open" || fault.code == EISDIR ? .missingInput : .inputOutput
    } else {
      status = .badData
    }
    self.init(error.description, status)
  }

  init(_ error: CheckpointError) {
    let status: ExitStatus =
      switch error {
      case .unreadableConfiguration, .missingWeights: .missingInput
      case .memory: .internalError
      default: .badData
      }
    self.init(error.description, status)
  }

  init(_ error: TokenizerError) { self.init(SwiftletError(error)) }

  init(_ error: SafetensorsError) {
    let status: ExitStatus =
      switch error {
      case .fileNotFound, .unreadable, .standIn, .noWeights, .missingShards: .missingInput
      case .noMemory: .internalError
      default: .badData
      }
    self.init(error.description, status)
  }

  init(_ error: SwiftletError) {
    let status: ExitStatus =
      switch error {
      case .missingFile: .missingInput
      case .engine, .memory, .cancelled: .internalError
      case .unwritable: .cannotCreate
      case .invalidModel, .unsupportedModel, .text, .invalidOption: .badData
      }
    self.init(error.description, status)
  }
}
