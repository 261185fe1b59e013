/// Why something could not be measured.
enum BenchmarkError: Error, Equatable, CustomStringConvertible {
  case engine(String)
  case unsupported(String)
  case file(path: String, reason: String)
  case process(String)

  var description: String {
    switch self {
    case .engine(let reason), .unsupported(let reason), .process(let reason): reason
    case .file(let path, let reason): "\(path): \(reason)"
    }
  }
}
