#if Server
import Logging
import SwiftletJSON

/// Writes each event as one line: text, or JSON with the members of text-embeddings-inference and
/// the metadata.
struct ServerLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level
  private let label: String
  private let isJSON: Bool
  private let write: @Sendable ([UInt8]) -> Void

  /// Maximum length of a message or of a metadata value, in bytes; longer ones are truncated.
  static let maxTextLength = 2048

  /// Creates a handler. `write` gets whole lines and must not block; by default ``LogWriter``
  /// writes them to standard error.
  init(
    label: String, level: Logger.Level, isJSON: Bool,
    metadataProvider: Logger.MetadataProvider? = nil,
    write: @escaping @Sendable ([UInt8]) -> Void = { LogWriter.standardError.write($0) }
  ) {
    self.label = label
    self.isJSON = isJSON
    self.write = write
    self.metadataProvider = metadataProvider
    logLevel = level
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { write(line(of: event)) }

  /// The line of an event.
  func line(of event: LogEvent) -> [UInt8] {
    var merged = metadata
    if let provided = metadataProvider?.get() { merged.merge(provided) { _, new in new } }
    if let own = event.metadata { merged.merge(own) { _, new in new } }
    if let error = event.error { merged["error"] = .string("\(error)") }
    let sorted = merged.sorted { $0.key < $1.key }
    return isJSON ? json(event, sorted) : text(event, sorted)
  }

  // MARK: Text

  private func text(
    _ event: LogEvent, _ metadata: [(key: String, value: Logger.Metadata.Value)]
  ) -> [UInt8] {
    let level = event.level.name
    let padding = String(repeating: " ", count: max(0, 8 - level.utf8.count))
    var line = "\(LogTime.now()) \(padding)\(level) \(label): \(Self.oneLine("\(event.message)"))"
    for (key, value) in metadata { line += " \(key)=\(Self.oneLine(value.description))" }
    return Array((line + "\n").utf8)
  }

  /// The text with control characters escaped, so that a client's text can't look like another
  /// line.
  private static func oneLine(_ text: String) -> String {
    let text = text.bounded(to: maxTextLength)
    guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return text }
    return text.unicodeScalars.reduce(into: "") { line, scalar in
      line +=
        scalar.value < 0x20 || scalar.value == 0x7F
        ? scalar.escaped(asASCII: true) : String(scalar)
    }
  }

  // MARK: JSON

  private static let ownKeys: Set<String> = [
    "timestamp", "level", "message", "target", "filename", "line_number",
  ]

  private func json(
    _ event: LogEvent, _ metadata: [(key: String, value: Logger.Metadata.Value)]
  ) -> [UInt8] {
    var line = JSONBuilder(capacity: 512)
    line.object { line in
      line.member("timestamp", LogTime.now())
      line.member("level", event.level.name)
      line.member("message", "\(event.message)".bounded(to: Self.maxTextLength))
      line.member("target", label)
      line.member("filename", event.file)
      line.member("line_number", Int(clamping: event.line))
      for (key, value) in metadata {
        line.key(text: Self.ownKeys.contains(key) ? "metadata.\(key)" : key)
        Self.append(value, to: &line)
      }
    }
    return line.bytes + [UInt8(ascii: "\n")]
  }

  private static func append(_ value: Logger.Metadata.Value, to line: inout JSONBuilder) {
    switch value {
    case .string(let text): line.string(text.bounded(to: maxTextLength))
    case .stringConvertible(let value as Int): line.integer(value)
    case .stringConvertible(let value as Double) where value.isFinite: line.number(value)
    case .stringConvertible(let value):
      line.string(value.description.bounded(to: maxTextLength))
    case .array(let values): line.array(values) { value, line in append(value, to: &line) }
    case .dictionary(let members):
      line.object { line in
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
          line.key(text: key)
          append(value, to: &line)
        }
      }
    }
  }
}

extension Logger.Level {
  /// The level's name in `tracing`.
  fileprivate var name: String {
    switch self {
    case .trace: "TRACE"
    case .debug: "DEBUG"
    case .info: "INFO"
    case .notice: "NOTICE"
    case .warning: "WARN"
    case .error: "ERROR"
    case .critical: "CRITICAL"
    }
  }
}
#endif
