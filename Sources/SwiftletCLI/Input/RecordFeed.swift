import Glibc
import SwiftletRecords
import SwiftletSystem

/// Reads files on a separate thread, a bounded number of records ahead of the consumer.
///
/// Standard input needs the thread: records are available as soon as they arrive, and a signal is
/// noticed while the read blocks.
final class RecordFeed: TextChunks, @unchecked Sendable {
  /// Maximum bytes of waiting text; a single text may be larger.
  private static let aheadBytes = 4 << 20

  /// Maximum number of waiting rows, and of rows in a chunk.
  private let aheadRows: Int
  /// Whether a chunk is returned before it is full.
  private let isEager: Bool
  private let lock = ConditionLock()

  // Guarded by the lock.
  /// What the chunk that is being waited for may hold.
  private var limit = ChunkLimit(rows: 1)
  private var waiting: [SourcedText] = []
  private var waitingBytes = 0
  /// The bytes of the kept columns of the waiting rows, which count for the memory, not for the work.
  private var keptBytes = 0
  private var notes: [String] = []
  /// Notes that are printed after the last record.
  private var closingNotes: [String] = []
  private var isFinished = false
  private var failure: RecordError?

  /// Whether a row that can't be read is a text with a problem, instead of the end.
  private let keepsBadRows: Bool

  /// Starts to read `inputs` one after the other, at most `aheadRows` records ahead.
  init(
    _ inputs: [TextInput], aheadRows: Int = ChunkLimit.defaultRows, keepsBadRows: Bool = false
  ) throws {
    self.aheadRows = aheadRows
    self.keepsBadRows = keepsBadRows
    isEager = inputs.contains { $0.isStandardInput }
    let code = startThread { [self] in read(inputs) }
    guard code == 0 else {
      throw CommandFailure(
        "the system refused a thread: \(String(cString: strerror(code))); raise the limits of the "
          + "process (ulimit -v, ulimit -u) or of its container", .internalError)
    }
  }

  /// Returns the next chunk, empty at the end; throws an error after the records that precede it.
  func next(_ limit: ChunkLimit) throws -> [SourcedText] {
    var chunk: [SourcedText] = []
    var error: RecordError?
    lock.withLock {
      self.limit = ChunkLimit(rows: min(limit.rows, aheadRows), bytes: limit.bytes)
      while !isReady { lock.waitBriefly() }
      guard SignalWatch.pending == nil else { return }
      let count = chunkCount()
      chunk = Array(waiting.prefix(count))
      waiting.removeFirst(count)
      waitingBytes -= chunk.reduce(0) { $0 + $1.text.utf8.count }
      keptBytes -= chunk.reduce(0) { $0 + $1.keptBytes }
      if chunk.isEmpty {
        error = failure
        notes += closingNotes
        closingNotes = []
      }
      lock.broadcast()
    }
    if let error { throw error }
    return chunk
  }

  func takeNotes() -> [String] {
    lock.withLock {
      defer { notes = [] }
      return notes
    }
  }

  private var isReady: Bool {
    if isFinished || SignalWatch.pending != nil { return true }
    if isEager { return !waiting.isEmpty }
    return isFull || waiting.count >= limit.rows || waitingBytes >= limit.bytes
  }

  private var isFull: Bool {
    waiting.count >= aheadRows || waitingBytes + keptBytes >= Self.aheadBytes
  }

  private func chunkCount() -> Int {
    var bytes = 0
    var count = 0
    while count < min(waiting.count, limit.rows), bytes < limit.bytes {
      bytes += waiting[count].text.utf8.count
      count += 1
    }
    return count
  }

  // MARK: The reading thread

  private func read(_ inputs: [TextInput]) {
    var bytesBefore = 0
    var closingNotes: [String] = []
    do throws(RecordError) {
      for input in inputs {
        let reader = try input.open()
        add(reader.takeNotes())
        var number = 0
        while var text = try next(from: reader, of: input, after: number) {
          add(reader.takeNotes())
          number += 1
          text.bytesThrough = bytesBefore + reader.bytesRead
          append(text)
        }
        bytesBefore += reader.bytesRead
        closingNotes += reader.closingNotes
      }
      finish(with: nil, closingNotes)
    } catch {
      finish(with: error, closingNotes)
    }
  }

  /// The next text of an input, after `number` of them; a row that can't be read is counted too.
  private func next(
    from reader: RecordReader, of input: TextInput, after number: Int
  ) throws(RecordError) -> SourcedText? {
    do throws(RecordError) {
      guard let record = try reader.next() else { return nil }
      return SourcedText(
        text: record.text, record: number + 1, line: record.line,
        file: record.file ?? input.name, id: record.id, label: record.label, bytesThrough: 0,
        pair: record.pair, columns: record.columns)
    } catch {
      guard keepsBadRows, !error.endsFile else { throw error }
      return SourcedText(
        text: "", record: number + 1, line: error.line, file: input.name, id: nil, label: nil,
        bytesThrough: 0, problem: error.reason(in: input.name))
    }
  }

  private func append(_ text: SourcedText) {
    let kept = text.keptBytes
    lock.withLock {
      while isFull { lock.wait() }
      waiting.append(text)
      waitingBytes += text.text.utf8.count
      keptBytes += kept
      if isReady { lock.broadcast() }
    }
  }

  private func add(_ notes: [String]) {
    guard !notes.isEmpty else { return }
    lock.withLock { self.notes += notes }
  }

  private func finish(with error: RecordError?, _ closingNotes: [String]) {
    lock.withLock {
      self.closingNotes = closingNotes
      failure = error
      isFinished = true
      lock.broadcast()
    }
  }
}

extension SourcedText {
  fileprivate var keptBytes: Int { columns.reduce(0) { $0 + $1.byteCount } }
}
