#if Server
/// Why the command line and the environment are not a valid configuration. `source` is the flag or
/// the variable that the user wrote.
///
/// Indirect, so that it is thrown as one word: Swift 6.3 mixes up the results of generic functions
/// that throw a type of more than four.
package indirect enum SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
  case invalid(source: String, value: String, expected: String)
  /// Two settings that exclude each other, or that need each other.
  case conflict(reason: String)
  /// A setting of text-embeddings-inference that is not supported.
  case refused(source: String, reason: String)
  /// The path of the model is not a directory.
  case noModel(source: String, value: String)

  package var description: String {
    switch self {
    case .invalid(let source, let value, let expected):
      "\(source) must be \(expected), found \"\(value)\""
    case .conflict(let reason): reason
    case .refused(let source, let reason): "\(source) is not supported: \(reason)"
    case .noModel(let source, let value):
      "\(source): \"\(value)\" is not a directory. Only builds with the trait Hub download models by"
        + " name; otherwise fetch it first with `hf download \(value) --local-dir <folder>` and name that"
        + " folder"
    }
  }
}
#endif
