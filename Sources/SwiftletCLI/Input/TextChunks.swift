/// How much of the input goes to the model at once.
struct ChunkLimit: Sendable, Equatable {
  let rows: Int
  /// A chunk is closed by the text that reaches this many bytes.
  var bytes: Int

  static let defaultRows = 4096
  static let leastBytes = 4 * 1024
  static let mostBytes = 1024 * 1024

  init(rows: Int?, bytes: Int = 8 * 1024) {
    self.rows = rows ?? Self.defaultRows
    self.bytes = bytes
  }

  /// Keeps a chunk to about a quarter of a second of work, on any machine and with any model: the
  /// progress bar moves, Ctrl-C is heard, and many cores have enough to share.
  mutating func adapt(to duration: Duration) {
    if duration < .milliseconds(150) {
      bytes = min(bytes * 2, Self.mostBytes)
    } else if duration > .milliseconds(500) {
      bytes = max(bytes / 2, Self.leastBytes)
    }
  }
}

/// Texts in input order, a chunk at a time.
protocol TextChunks: AnyObject {
  /// The next texts; empty at the end, or when a signal asked to stop.
  func next(_ limit: ChunkLimit) throws -> [SourcedText]

  /// What the user should know about how the texts are read, each once: asked for after ``next(_:)``.
  func takeNotes() -> [String]
}

extension TextChunks {
  func takeNotes() -> [String] { [] }

  /// The next texts; notes about how they are read go to standard error first.
  func next(_ limit: ChunkLimit, clearing progress: Progress?) throws -> [SourcedText] {
    defer {
      let notes = takeNotes()
      if !notes.isEmpty { progress?.clear() }
      for note in notes { printMessage("swiftlet: note: \(DisplayText.oneLine(note))") }
    }
    return try next(limit)
  }
}

/// The texts of the command line.
final class ArgumentChunks: TextChunks {
  private var rest: ArraySlice<String>
  private var record = 0

  init(_ texts: [String]) {
    self.rest = texts[...]
  }

  func next(_ limit: ChunkLimit) -> [SourcedText] {
    var chunk: [SourcedText] = []
    var bytes = 0
    while chunk.count < limit.rows, bytes < limit.bytes, let text = rest.popFirst() {
      record += 1
      bytes += text.utf8.count
      chunk.append(
        SourcedText(
          text: text, record: record, line: nil, file: nil, id: nil, label: nil, bytesThrough: 0)
      )
    }
    return chunk
  }
}
