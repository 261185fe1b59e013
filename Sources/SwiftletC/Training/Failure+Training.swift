import CSwiftlet
import SwiftletTraining

extension Failure {
  convenience init(_ error: TrainingError) {
    let status =
      switch error {
      case .invalidOption: SWIFTLET_INVALID_OPTION
      case .invalidFile, .invalidRow, .invalidValue, .missingColumn, .undecidedTask, .unlabelledRow,
        .emptyText, .unknownLabel, .oneLabel, .noExamples, .sameData:
        SWIFTLET_INVALID_DATA
      case .unreadable: SWIFTLET_INVALID_MODEL
      case .unwritable: SWIFTLET_UNWRITABLE
      case .memory: SWIFTLET_ENGINE
      case .stopped: SWIFTLET_TRAINING_FAILED
      case .cancelled: SWIFTLET_CANCELLED
      }
    self.init(status, error.description)
  }

  /// Runs `body`, whose errors become failures.
  static func convertingTraining<Value>(
    _ body: () throws(TrainingError) -> Value
  ) throws(Failure) -> Value {
    do throws(TrainingError) {
      return try body()
    } catch {
      throw Failure(error)
    }
  }
}
