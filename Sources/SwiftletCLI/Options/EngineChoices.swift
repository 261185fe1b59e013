public import ArgumentParser
public import Swiftlet

// The raw values of these types are the values of the options.
extension GEMMBackend: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension ScoreFunction: ExpressibleByArgument {}
extension TokenAggregation: ExpressibleByArgument {}
extension WindowPooling: ExpressibleByArgument {}
extension EmbeddingOptions.Role: ExpressibleByArgument {}
extension ExportOptions.OperatorSet: ExpressibleByArgument {}
extension ExportOptions.Quantization: ExpressibleByArgument {}
extension ExportOptions.Task: ExpressibleByArgument {}
extension ModelConverter.FloatType: ExpressibleByArgument {}

extension LongText: ExpressibleByArgument {
  /// `truncate`, `error`, or `window:32` for windows that share 32 tokens.
  public init?(argument: String) {
    switch argument {
    case "truncate": self = .truncate
    case "error": self = .error
    case "window": self = .window(stride: 0)
    default:
      guard argument.hasPrefix("window:"), let stride = Int(argument.dropFirst("window:".count)),
        stride >= 0
      else { return nil }
      self = .window(stride: stride)
    }
  }

  /// As it is written on the command line.
  public var defaultValueDescription: String {
    switch self {
    case .truncate: "truncate"
    case .error: "error"
    case .window(let stride): "window:\(stride)"
    }
  }

  /// For the help of `--long-text`.
  static var help: String {
    "How to read a text that is too long for the model: truncate cuts it, error stops there,"
      + " window:32 reads all of it in windows that share 32 tokens."
  }

  /// The hint in the warning about texts that were cut.
  static var hint: String {
    "--long-text window:32 reads all of a text in windows, --long-text error stops there instead"
  }

  /// For messages and help.
  public static var allValueStrings: [String] { ["truncate", "error", "window:<stride>"] }
}
