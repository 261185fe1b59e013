/// The WordPiece model: a vocabulary and the rules for splitting words into its pieces.
struct WordPiece: Sendable {
  let vocabulary: Vocabulary
  let continuingPrefix: [UInt8]
  let unknownID: Int32
  /// The maximum length of a word in scalars (`max_input_chars_per_word`); a longer word is
  /// unknown.
  let maxWordLength: Int
}

/// Collects one normalized word at a time and appends its pieces to a sink; must not outlive the
/// model.
///
/// If the sink wants offsets, it stores the source range of every byte of the word. Scalars beyond
/// the model's maximum word length are counted but not stored, so a word of many megabytes needs no
/// memory.
struct WordCollector<Sink: TokenSink>: ~Copyable {
  var sink: Sink
  private let table: VocabularyTable
  private let unknownID: Int32
  private let maxWordLength: Int
  private var bytes: UnsafeMutablePointer<UInt8>
  private var starts: UnsafeMutablePointer<Int>
  private var ends: UnsafeMutablePointer<Int>
  private var capacity = 512
  /// The number of stored bytes of the word.
  private var count = 0
  private var scalarCount = 0
  private var lastEnd = 0
  private var pieces: [(id: Int32, end: Int)] = []

  init(_ model: WordPiece, sink: consuming Sink) {
    table = model.vocabulary.table
    unknownID = model.unknownID
    maxWordLength = model.maxWordLength
    self.sink = sink
    bytes = .allocate(capacity: capacity + Vocabulary.slack)
    bytes.initialize(repeating: 0, count: capacity + Vocabulary.slack)
    starts = .allocate(capacity: Sink.wantsOffsets ? capacity : 0)
    ends = .allocate(capacity: Sink.wantsOffsets ? capacity : 0)
  }

  deinit {
    bytes.deallocate()
    starts.deallocate()
    ends.deallocate()
  }

  /// Consumes the collector and returns its sink.
  consuming func takeSink() -> Sink { sink }

  // MARK: Collecting

  /// Appends bytes of `text` from `offset` while they are plain in `table`; returns the offset of
  /// the first other byte.
  @inline(__always)
  mutating func appendPlain(
    _ text: UnsafeBufferPointer<UInt8>, from offset: Int, to end: Int, _ table: ASCIITable
  ) -> Int {
    if count + 64 > capacity { grow() }
    let room = min(capacity - count, max(maxWordLength - scalarCount, 0))
    let stop = min(end, offset + room)
    var offset = offset
    let first = offset
    while offset < stop {
      let action = table[text[offset]]
      guard action < ASCIITable.special else { break }
      bytes[count] = UInt8(truncatingIfNeeded: action)
      if Sink.wantsOffsets { (starts[count], ends[count]) = (offset, offset + 1) }
      count += 1
      offset += 1
    }
    scalarCount += offset - first
    if offset > first { lastEnd = offset }
    if offset == stop, offset < end, scalarCount >= maxWordLength {
      return skipPlain(text, from: offset, to: end, table)
    }
    return offset
  }

  /// Counts plain bytes beyond the maximum word length without storing them.
  private mutating func skipPlain(
    _ text: UnsafeBufferPointer<UInt8>, from offset: Int, to end: Int, _ table: ASCIITable
  ) -> Int {
    var offset = offset
    while offset < end, table[text[offset]] < ASCIITable.special {
      if count == 0, scalarCount == 0 { markStart(offset) }
      scalarCount += 1
      offset += 1
      lastEnd = offset
    }
    return offset
  }

  /// Appends a scalar of the word with the source range `start..<end`.
  mutating func append(_ scalar: UInt32, _ start: Int, _ end: Int) {
    if scalarCount == 0, maxWordLength == 0 { markStart(start) }
    scalarCount += 1
    lastEnd = end
    guard scalarCount <= maxWordLength else { return }
    if count + 4 > capacity { grow() }
    let length = UTF8Scalars.encode(scalar, to: bytes + count)
    if Sink.wantsOffsets {
      for index in count..<count + length { (starts[index], ends[index]) = (start, end) }
    }
    count += length
  }

  /// Stores the start of a word none of whose scalars are stored.
  private mutating func markStart(_ start: Int) {
    if Sink.wantsOffsets { starts[0] = start }
  }

  /// Appends a scalar that is a word of its own.
  mutating func appendAlone(_ scalar: UInt32, _ start: Int, _ end: Int) {
    finishWord()
    append(scalar, start, end)
    finishWord()
  }

  private mutating func grow() {
    let larger = capacity * 2
    let newBytes = UnsafeMutablePointer<UInt8>.allocate(capacity: larger + Vocabulary.slack)
    newBytes.initialize(repeating: 0, count: larger + Vocabulary.slack)
    newBytes.update(from: bytes, count: count)
    bytes.deallocate()
    bytes = newBytes
    if Sink.wantsOffsets {
      starts = Self.enlarge(starts, count: count, to: larger)
      ends = Self.enlarge(ends, count: count, to: larger)
    }
    capacity = larger
  }

  private static func enlarge(
    _ old: UnsafeMutablePointer<Int>, count: Int, to capacity: Int
  ) -> UnsafeMutablePointer<Int> {
    let new = UnsafeMutablePointer<Int>.allocate(capacity: capacity)
    new.initialize(from: old, count: count)
    old.deallocate()
    return new
  }

  // MARK: Splitting

  /// Appends the pieces of the word collected so far, if there is one, and starts the next.
  @inline(__always)
  mutating func finishWord() {
    guard scalarCount > 0 else { return }
    let whole =
      scalarCount <= maxWordLength
      ? table.find(bytes, count: count, .first) : -1
    if whole >= 0 {
      sink.append(whole, firstStart, lastEnd)
    } else {
      appendPieces()
    }
    sink.endWord()
    count = 0
    scalarCount = 0
  }

  private var firstStart: Int { Sink.wantsOffsets ? starts[0] : 0 }

  private mutating func appendPieces() {
    guard scalarCount <= maxWordLength, splitWord() else {
      return sink.append(unknownID, firstStart, lastEnd)
    }
    var start = 0
    for piece in pieces {
      if Sink.wantsOffsets {
        sink.append(piece.id, starts[start], ends[piece.end - 1])
      } else {
        sink.append(piece.id, 0, 0)
      }
      start = piece.end
    }
  }

  /// Splits the word greedily, longest piece first; returns false if a part matches no piece.
  private mutating func splitWord() -> Bool {
    pieces.removeAll(keepingCapacity: true)
    var start = 0
    var position = Vocabulary.Position.first
    while start < count {
      guard let piece = longestPiece(from: start, position) else { return false }
      pieces.append(piece)
      start = piece.end
      position = .continuing
    }
    return true
  }

  private func longestPiece(
    from start: Int, _ position: Vocabulary.Position
  ) -> (id: Int32, end: Int)? {
    let longest = position == .first ? table.maxFirstLength : table.maxContinuingLength
    var end = min(count, start + longest)
    let key = UnsafePointer(bytes + start)
    var prefixes = KeyHash.Prefixes(of: key, position)
    while end > start {
      if end == count || !UTF8Scalars.isContinuation(bytes[end]) {
        let hash = prefixes.hash(count: end - start)
        let id = table.find(hash, key, count: end - start, position)
        if id >= 0 { return (id, end) }
      }
      end -= 1
    }
    return nil
  }
}
