/// Where tokens go as they are found, in order.
protocol TokenSink {
  /// Whether `start` and `end` are worth keeping track of.
  static var wantsOffsets: Bool { get }

  /// Takes a token and the bytes of the text that it came from.
  mutating func append(_ id: Int32, _ start: Int, _ end: Int)
  /// The word that the last tokens belong to is complete.
  mutating func endWord()
}

/// Keeps the first `limit` ids and counts the rest.
struct IDSink: TokenSink {
  static var wantsOffsets: Bool { false }

  var ids: [Int32]
  private(set) var count = 0
  private let limit: Int

  /// Appends to `ids`, which the caller swaps in and out so that it is never copied.
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

/// Keeps everything that an ``Encoding`` tells about the tokens of one text.
struct DetailSink: TokenSink, Sendable {
  static var wantsOffsets: Bool { true }

  private(set) var ids: [Int32] = []
  private(set) var offsets: [Range<Int>] = []
  private(set) var words: [Int] = []
  private var word = 0
  private var isGivenInWords = false

  var count: Int { ids.count }

  /// - Parameter bytes: The length of the text: most have fewer tokens than a third of it.
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

  /// What comes next belongs to the word with this number, however many words it is cut into.
  mutating func startGivenWord(_ number: Int) {
    word = number
    isGivenInWords = true
  }
}
