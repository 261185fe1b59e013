import Glibc

/// A progress line on standard error, drawn again in place and cleared at the end.
///
/// Nothing is shown unless standard error is a terminal and the run takes longer than a second.
final class Progress {
  /// The amount of work, where it is known.
  enum Total: Equatable {
    case texts(Int)
    case bytes(Int)
    case unknown
  }

  /// The work done so far.
  struct State: Equatable {
    var texts = 0
    var bytes = 0
    var seconds = 0.0
  }

  private static let quietTime: Duration = .seconds(1)
  private static let redrawTime: Duration = .milliseconds(100)

  private let isEnabled: Bool
  private let total: Total
  private let start = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  private var isDrawn = false
  private var state = State()

  init(total: Total, isEnabled: Bool = true) {
    self.total = total
    self.isEnabled = isEnabled && isatty(STDERR_FILENO) == 1
  }

  /// Draws the line, at most ten times a second.
  func update(texts: Int, bytes: Int) {
    let now = ContinuousClock.now
    state = State(texts: texts, bytes: bytes, seconds: Self.seconds(now - start))
    guard isEnabled, now - start >= Self.quietTime else { return }
    if isDrawn, let lastDrawn, now - lastDrawn < Self.redrawTime { return }
    lastDrawn = now
    isDrawn = true
    let width = Terminal(descriptor: STDERR_FILENO).width
    draw("\r" + Self.line(state, total: total, width: width - 1) + "\u{1B}[K")
  }

  /// Clears the line, so that something else can be written.
  func clear() {
    guard isDrawn else { return }
    isDrawn = false
    draw("\r\u{1B}[K")
  }

  /// Clears the line; if it was shown, prints a summary of the run.
  func finish() {
    clear()
    guard lastDrawn != nil else { return }
    printMessage(Self.summary(state))
  }

  private func draw(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  // MARK: Text

  /// `[#####·····]  52%  1,204 texts  310 texts/s  0:12 left`, as much of it as fits in `width`.
  static func line(_ state: State, total: Total, width: Int) -> String {
    var parts: [String] = []
    let share = share(of: state, total: total)
    if let share {
      parts.append(DisplayText.pad("\(Int(share * 100))%", to: 4, alignRight: true))
    }
    if case .texts(let count) = total {
      parts.append("\(NumberText.grouped(state.texts)) of \(NumberText.grouped(count)) texts")
    } else {
      parts.append("\(NumberText.grouped(state.texts)) texts")
    }
    if state.seconds > 0 {
      parts.append("\(NumberText.rate(Double(state.texts) / state.seconds)) texts/s")
    }
    if let share, share > 0, share < 1 {
      let left = state.seconds * (1 - share) / share
      parts.append("\(NumberText.duration(seconds: left)) left")
    }
    while parts.count > 1, DisplayText.width(of: parts.joined(separator: "  ")) > width {
      parts.removeLast()
    }
    let text = parts.joined(separator: "  ")
    let room = min(width - DisplayText.width(of: text) - 2, 30)
    guard room >= -2 else { return DisplayText.shorten(text, to: width) }
    guard let share, room >= 8 else { return text }
    let bar = TableRenderer.bar(Float(share), width: room)
    return "\(bar.filled)\(bar.empty)  \(text)"
  }

  static func summary(_ state: State) -> String {
    let rate = state.seconds > 0 ? Double(state.texts) / state.seconds : 0
    return "\(NumberText.grouped(state.texts)) \(state.texts == 1 ? "text" : "texts")"
      + " in \(NumberText.duration(seconds: state.seconds)) (\(NumberText.rate(rate)) texts/s)"
  }

  private static func share(of state: State, total: Total) -> Double? {
    switch total {
    case .texts(let count): count > 0 ? min(Double(state.texts) / Double(count), 1) : nil
    case .bytes(let count): count > 0 ? min(Double(state.bytes) / Double(count), 1) : nil
    case .unknown: nil
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
