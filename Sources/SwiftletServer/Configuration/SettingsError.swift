#if Server
/// Why the command line and the environment make no configuration. `source` is the flag or the
/// variable, as the user wrote it.
///
/// Indirect, so that it is thrown as one word: Swift 6.3 mixes up the results of generic functions that
/// throw a type of more than four.
package indirect enum SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
  case invalid(source: String, value: String, expected: String)
  /// Two settings that exclude each other, or that need each other.
  case conflict(reason: String)
  /// A setting of text-embeddings-inference that can't be had here.
  case refused(source: String, reason: String)
  /// The folder of the model is none.
  case noModel(source: String, value: String)

  package var description: String {
    switch self {
    case .invalid(let source, let value, let expected):
      "\(source) must be \(expected), found \"\(value)\""
    case .conflict(let reason): reason
    case .refused(let source, let reason): "\(source) can't be had: \(reason)"
    case .noModel(let source, let value):
      "\(source) names \"\(value)\", which is no folder; nothing is downloaded: get the model first"
        + " (hf download \(value) --local-dir <folder>) and name its folder"
    }
  }
}
#endif
