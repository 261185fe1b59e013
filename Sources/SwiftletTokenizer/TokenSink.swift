/// Receives tokens in order.
protocol TokenSink {
  /// Whether `start` and `end` must be computed.
  static var wantsOffsets: Bool { get }

  /// Receives a token and its byte range in the text.
  mutating func append(_ id: Int32, _ start: Int, _ end: Int)
  /// Called after the last token of a word.
  mutating func endWord()
}

/// Stores the first `limit` ids and counts all tokens.
struct IDSink: TokenSink {
  static var wantsOffsets: Bool { false }

  var ids: [Int32]
  private(set) var count = 0
  private let limit: Int

  /// Creates a sink that appends to `ids`, which the caller swaps in and out to avoid a copy.
  init(appendingTo ids: consuming [Int32], limit: Int) {
    self.ids = ids
    self.limit = limit
  }

  @inline(__always)
  mutating func append(_ id: Int32, _ start: Int, _ end: Int) {
    if count < limit { ids.append(id) }
    count += 1
  }

  @inline(__always)
  mutating func endWord() {}
}

/// Stores the ids, offsets and words of the tokens of one text.
struct DetailSink: TokenSink, Sendable {
  static var wantsOffsets: Bool { true }

  private(set) var ids: [Int32] = []
  private(set) var offsets: [Range<Int>] = []
  private(set) var words: [Int] = []
  private var word = 0
  private var isGivenInWords = false

  var count: Int { ids.count }

  /// Reserves capacity for a text of `bytes` bytes; most texts have fewer tokens than a third of
  /// that.
  init(expecting bytes: Int = 0) {
    let count = min(bytes / 3 + 4, 4096)
    ids.reserveCapacity(count)
    offsets.reserveCapacity(count)
    words.reserveCapacity(count)
  }

  mutating func append(_ id: Int32, _ start: Int, _ end: Int) {
    ids.append(id)
    offsets.append(start..<max(start, end))
    words.append(word)
  }

  mutating func endWord() {
    if !isGivenInWords { word += 1 }
  }

  /// Assigns the following tokens to a given word, even if the pre-tokenizer splits it.
  mutating func startGivenWord(_ number: Int) {
    word = number
    isGivenInWords = true
  }
}
