/// The model: a vocabulary, and how a word is cut into pieces of it.
struct WordPiece: Sendable {
  let vocabulary: Vocabulary
  let continuingPrefix: [UInt8]
  let unknownID: Int32
  /// A word of more scalars than this is unknown as a whole.
  let maxWordLength: Int
}

/// Collects one normalized word at a time and hands its pieces to a sink; must not outlive the model.
///
/// Holds, for every byte of the word, which bytes of the text it came from, where the sink wants to
/// know. The buffer grows with the longest word so far, at most to the model's longest word: what
/// goes past that is counted and forgotten, so a word of many megabytes costs nothing to keep.
struct WordCollector<Sink: TokenSink>: ~Copyable {
  var sink: Sink
  /// Of the model, which outlives the collector.
  private let table: VocabularyTable
  private let unknownID: Int32
  private let maxWordLength: Int
  private var bytes: UnsafeMutablePointer<UInt8>
  private var starts: UnsafeMutablePointer<Int>
  private var ends: UnsafeMutablePointer<Int>
  private var capacity = 512
  /// Bytes of the word so far.
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

  /// Ends the use of the collector and gives the sink back.
  consuming func takeSink() -> Sink { sink }

  // MARK: Collecting

  /// Takes the scalars of `text` from `offset` on while `table` calls them plain; returns where the
  /// first other byte stands.
  @inline(__always)
  mutating func appendPlain(
    _ text: UnsafeBufferPointer<UInt8>,
    from offset: Int,
    to end: Int,
    _ table: ASCIITable
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

  /// Counts what the word has beyond the longest that the model takes.
  private mutating func skipPlain(
    _ text: UnsafeBufferPointer<UInt8>,
    from offset: Int,
    to end: Int,
    _ table: ASCIITable
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

  /// Takes one scalar of the word, which came from the bytes `start..<end` of the text.
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

  /// Where a word starts of which not even the first scalar is kept.
  private mutating func markStart(_ start: Int) {
    if Sink.wantsOffsets { starts[0] = start }
  }

  /// Takes one scalar that is a word of its own.
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
    _ old: UnsafeMutablePointer<Int>,
    count: Int,
    to capacity: Int
  ) -> UnsafeMutablePointer<Int> {
    let new = UnsafeMutablePointer<Int>.allocate(capacity: capacity)
    new.initialize(from: old, count: count)
    old.deallocate()
    return new
  }

  // MARK: Splitting

  /// Cuts the word collected so far, if there is one, and starts the next.
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

  /// Takes the longest piece that the vocabulary has, again and again; false if there is none.
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
    from start: Int,
    _ position: Vocabulary.Position
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
