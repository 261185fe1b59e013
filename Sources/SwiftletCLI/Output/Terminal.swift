import Glibc

/// Whether a file descriptor is a terminal, and what that terminal can show.
struct Terminal {
  let isTerminal: Bool
  /// Columns that a line may take.
  let width: Int
  let usesColor: Bool

  /// Asks the system about `descriptor`.
  ///
  /// Anything else than a terminal has room for lines of any length, unless `COLUMNS` is set.
  /// `NO_COLOR` (https://no-color.org) and `TERM=dumb` turn colours off; `COLUMNS` replaces a width
  /// that the terminal does not report.
  init(descriptor: Int32) {
    isTerminal = isatty(descriptor) == 1
    let reported = isTerminal ? Self.reportedWidth(of: descriptor) : nil
    let fallback = Self.environment("COLUMNS").flatMap(Int.init)
    width = min(max(reported ?? fallback ?? (isTerminal ? 80 : 10_000), 20), 10_000)
    let forbidden = Self.environment("NO_COLOR").map { !$0.isEmpty } ?? false
    usesColor = isTerminal && !forbidden && Self.environment("TERM") != "dumb"
  }

  /// A terminal with these properties, whatever the system says.
  init(isTerminal: Bool, width: Int, usesColor: Bool) {
    self.isTerminal = isTerminal
    self.width = width
    self.usesColor = usesColor
  }

  private static func reportedWidth(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}

/// How a piece of text looks on a terminal with colours.
enum TextStyle {
  case dim, bold
  /// The colour of a label, by its index.
  case label(Int)

  private static let labelColors = [31, 32, 33, 34, 35, 36]

  func apply(to text: String, on terminal: Terminal) -> String {
    guard terminal.usesColor, !text.isEmpty else { return text }
    let code =
      switch self {
      case .dim: 2
      case .bold: 1
      case .label(let index): Self.labelColors[index % Self.labelColors.count]
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
