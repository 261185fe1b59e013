/// Why a model could not be trained. Each error names the file and the row, and says what to do.
public enum TrainingError: Error, Equatable, Sendable {
  /// An option that is out of range, or that contradicts another.
  case invalidOption(name: String, reason: String)
}

extension TrainingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidOption(let name, let reason): "\(name): \(reason)"
    }
  }
}
