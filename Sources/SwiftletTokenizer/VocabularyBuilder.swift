/// Gathers tokens one behind the other while a file is read.
struct VocabularyBuilder {
  private(set) var bytes: [UInt8] = []
  private(set) var entries: [Vocabulary.Entry] = []
  /// Whether the last of several equal tokens counts, as in a `vocab.txt`, where the reference
  /// reads lines into a dictionary; otherwise they are an error.
  let replacesDuplicates: Bool

  /// The most bytes that tokens may have in all: positions in the table have 32 bits, lengths 31.
  static let byteLimit = Int(Int32.max) - Vocabulary.slack

  init(expectedBytes: Int, expectedTokens: Int, replacesDuplicates: Bool) {
    bytes.reserveCapacity(expectedBytes)
    entries.reserveCapacity(expectedTokens)
    self.replacesDuplicates = replacesDuplicates
  }

  /// Adds a token; the caller has made sure that all tokens together stay under `byteLimit`.
  ///
  /// An id that is read after the token is put in with ``setLastID(_:)``.
  mutating func append(_ token: UnsafeBufferPointer<UInt8>, id: Int32 = 0) {
    entries.append(
      Vocabulary.Entry(id: id, start: UInt32(bytes.count), count: UInt32(token.count))
    )
    bytes.append(contentsOf: token)
  }

  mutating func setLastID(_ id: Int32) {
    guard !entries.isEmpty else { return }
    entries[entries.count - 1].id = id
  }

  /// The token added last, for messages.
  var lastToken: String {
    String(decoding: bytes[(entries.last.map { Int($0.start) } ?? 0)...], as: UTF8.self)
  }
}
