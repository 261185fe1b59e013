import Glibc

/// A line on standard error that is drawn again in place; nothing is drawn unless that is a terminal.
final class LiveLine {
  private static let redrawTime: Duration = .milliseconds(100)

  let isEnabled: Bool
  private var lastDrawn: ContinuousClock.Instant?
  private var isDrawn = false

  init(isEnabled: Bool = true) {
    self.isEnabled = isEnabled && isatty(STDERR_FILENO) == 1
  }

  /// Whether the line was ever shown.
  var wasDrawn: Bool { lastDrawn != nil }

  /// Draws the text, at most ten times a second; `text` receives the columns that it may take.
  func draw(_ text: (_ width: Int) -> String) {
    guard isEnabled else { return }
    let now = ContinuousClock.now
    if isDrawn, let lastDrawn, now - lastDrawn < Self.redrawTime { return }
    lastDrawn = now
    isDrawn = true
    let width = Terminal(descriptor: STDERR_FILENO).width
    write("\r" + text(width - 1) + "\u{1B}[K")
  }

  /// Clears the line, so that something else can be written.
  func clear() {
    guard isDrawn else { return }
    isDrawn = false
    write("\r\u{1B}[K")
  }

  private func write(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
