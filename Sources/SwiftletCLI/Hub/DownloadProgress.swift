#if Hub
import Glibc
import SwiftletHub
import Synchronization

/// The progress of downloads, as a line on standard error, and what happens to them as messages.
///
/// Events arrive on any thread; one thread draws.
final class DownloadProgress: Sendable {
  /// The work done so far.
  struct State: Equatable {
    /// Of all files that are downloaded.
    var totalBytes = 0
    /// By all downloads, also those of earlier runs that are continued.
    var bytes = 0
    /// Received in this run.
    var receivedBytes = 0
    var files = 0
    var seconds = 0.0
  }

  private struct Record {
    var state = State()
    var receivedOf: [String: Int] = [:]
    var start: ContinuousClock.Instant?
    /// Messages that were not printed yet.
    var messages: [String] = []
  }

  private let record = Mutex(Record())
  private let isEnabled: Bool
  /// Used by the thread that draws.
  private nonisolated(unsafe) let line: LiveLine

  init(isEnabled: Bool) {
    self.isEnabled = isEnabled && !Self.isDisabledByVariable
    line = LiveLine(isEnabled: self.isEnabled)
  }

  private static var isDisabledByVariable: Bool {
    guard let value = getenv("HF_HUB_DISABLE_PROGRESS_BARS") else { return false }
    return ["1", "ON", "YES", "TRUE"].contains(String(cString: value).uppercased())
  }

  func add(_ event: HubEvent) {
    record.withLock { record in
      switch event {
      case .planned(_, let bytes):
        record.start = record.start ?? .now
        record.state.totalBytes += bytes
      case .received(let file, let bytes, let received):
        record.start = record.start ?? .now
        record.state.receivedBytes += bytes
        record.state.bytes += received - (record.receivedOf[file] ?? 0)
        record.receivedOf[file] = received
      case .completed: record.state.files += 1
      case .waiting, .locked, .usingCache, .notice:
        record.messages.append(contentsOf: [Self.message(event)].compactMap(\.self))
      }
    }
  }

  private static func message(_ event: HubEvent) -> String? {
    switch event {
    case .waiting(let seconds, let reason):
      "swiftlet: note: \(reason); the request is repeated in \(Int(seconds)) s"
    case .locked(let file): "swiftlet: note: another process downloads \(file); waiting for it"
    case .usingCache(let reason): "swiftlet: warning: \(reason); the model in the cache is used"
    case .notice(let text): "swiftlet: note: the Hub says: \(text)"
    case .planned, .received, .completed: nil
    }
  }

  // MARK: Drawing

  /// Draws the line, and prints new messages above it.
  func draw() {
    let (state, messages) = record.withLock { record in
      defer { record.messages.removeAll() }
      return (Self.timed(record), record.messages)
    }
    if !messages.isEmpty { line.clear() }
    for message in messages { printMessage(DisplayText.oneLine(message)) }
    if state.totalBytes > 0 || state.bytes > 0 { line.draw { Self.line(state, width: $0) } }
  }

  func clear() {
    draw()
    line.clear()
  }

  /// Prints what was downloaded, if anything was.
  func finish(_ name: String) {
    let state = record.withLock { Self.timed($0) }
    line.clear()
    guard isEnabled, state.files > 0 else { return }
    printMessage("\(name): \(Self.summary(state))")
  }

  private static func timed(_ record: Record) -> State {
    var state = record.state
    if let start = record.start { state.seconds = (ContinuousClock.now - start) / .seconds(1) }
    return state
  }

  // MARK: Text

  /// `[####····]  52%  130.2 of 250.1 MB  24.0 MB/s  5.0 s left`, as much of it as fits in `width`.
  static func line(_ state: State, width: Int) -> String {
    var parts: [String] = []
    let share = state.totalBytes > 0 ? min(Double(state.bytes) / Double(state.totalBytes), 1) : nil
    if let share { parts.append(DisplayText.pad("\(Int(share * 100))%", to: 4, alignRight: true)) }
    let total = share == nil ? "" : " of \(NumberText.size(bytes: state.totalBytes))"
    parts.append(NumberText.size(bytes: state.bytes) + total)
    if state.seconds > 0.5, state.receivedBytes > 0 {
      let rate = Double(state.receivedBytes) / state.seconds
      parts.append("\(NumberText.size(bytes: Int(rate)))/s")
      if share != nil, state.totalBytes > state.bytes {
        let left = Double(state.totalBytes - state.bytes) / rate
        parts.append("\(NumberText.duration(seconds: left)) left")
      }
    }
    return Progress.fitted(parts, share: share, width: width)
  }

  /// `7 files, 255.4 MB in 12 s`.
  static func summary(_ state: State) -> String {
    "\(state.files) \(state.files == 1 ? "file" : "files"),"
      + " \(NumberText.size(bytes: state.receivedBytes)) in"
      + " \(NumberText.duration(seconds: state.seconds))"
  }
}
#endif
