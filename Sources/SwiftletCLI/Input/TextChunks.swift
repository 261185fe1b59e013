/// How much of the input goes to the model at once.
struct ChunkLimit: Sendable, Equatable {
  let rows: Int
  /// A chunk ends with the text that reaches this many bytes.
  var bytes: Int

  static let defaultRows = 4096
  static let minBytes = 4 * 1024
  static let maxBytes = 1024 * 1024

  init(rows: Int?, bytes: Int = 8 * 1024) {
    self.rows = rows ?? Self.defaultRows
    self.bytes = bytes
  }

  /// Adapts chunks to about a quarter of a second of work: the progress bar moves, Ctrl-C is
  /// noticed, and all cores have work.
  mutating func adapt(to duration: Duration) {
    if duration < .milliseconds(150) {
      bytes = min(bytes * 2, Self.maxBytes)
    } else if duration > .milliseconds(500) {
      bytes = max(bytes / 2, Self.minBytes)
    }
  }
}

/// Texts in input order, a chunk at a time.
protocol TextChunks: AnyObject {
  /// Returns the next texts; none at the end of the input, or after a signal.
  func next(_ limit: ChunkLimit) throws -> [SourcedText]

  /// Returns notes for the user about how the texts are read, each once; called after ``next(_:)``.
  func takeNotes() -> [String]
}

extension TextChunks {
  func takeNotes() -> [String] { [] }

  /// Returns the next texts, after printing the notes about how they are read.
  func next(_ limit: ChunkLimit, clearing progress: Progress?) throws -> [SourcedText] {
    defer {
      let notes = takeNotes()
      if !notes.isEmpty { progress?.clear() }
      for note in notes { printMessage("swiftlet: note: \(DisplayText.oneLine(note))") }
    }
    return try next(limit)
  }
}

/// The texts among the arguments.
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
