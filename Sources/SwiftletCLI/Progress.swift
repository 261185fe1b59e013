/// The progress of a run over texts, as a line on standard error that is cleared at the end.
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

  private let line: LiveLine
  private let total: Total
  private let start = ContinuousClock.now
  private var state = State()

  init(total: Total, isEnabled: Bool = true) {
    self.total = total
    line = LiveLine(isEnabled: isEnabled)
  }

  func update(texts: Int, bytes: Int) {
    let elapsed = ContinuousClock.now - start
    state = State(texts: texts, bytes: bytes, seconds: elapsed / .seconds(1))
    guard elapsed >= Self.quietTime else { return }
    line.draw { Self.line(state, total: total, width: $0) }
  }

  /// Clears the line, so that something else can be written.
  func clear() { line.clear() }

  /// Clears the line; if it was shown, prints a summary of the run.
  func finish() {
    line.clear()
    if line.wasDrawn { printMessage(Self.summary(state)) }
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
    return fitted(parts, share: share, width: width)
  }

  /// The parts beside a bar for the share, as many of them as fit in `width`, the first ones first.
  static func fitted(_ parts: [String], share: Double?, width: Int) -> String {
    var parts = parts
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
}
