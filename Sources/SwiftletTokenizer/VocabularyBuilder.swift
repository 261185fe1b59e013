/// Collects tokens while a vocabulary is read.
struct VocabularyBuilder {
  private(set) var bytes: [UInt8] = []
  private(set) var entries: [Vocabulary.Entry] = []
  /// Whether a later duplicate replaces a token, as in a `vocab.txt`, whose lines the reference
  /// reads into a dictionary; otherwise duplicates are an error.
  let replacesDuplicates: Bool

  /// The maximum number of bytes in all tokens: table positions have 32 bits, lengths 31.
  static let byteLimit = Int(Int32.max) - Vocabulary.slack

  init(expectedBytes: Int, expectedTokens: Int, replacesDuplicates: Bool) {
    bytes.reserveCapacity(expectedBytes)
    entries.reserveCapacity(expectedTokens)
    self.replacesDuplicates = replacesDuplicates
  }

  /// Adds a token; the caller must keep the total within `byteLimit`.
  ///
  /// If the id is read after the token, set it with ``setLastID(_:)``.
  mutating func append(_ token: UnsafeBufferPointer<UInt8>, id: Int32 = 0) {
    entries.append(Vocabulary.Entry(id: id, start: UInt32(bytes.count), count: UInt32(token.count)))
    bytes.append(contentsOf: token)
  }

  mutating func setLastID(_ id: Int32) {
    guard !entries.isEmpty else { return }
    entries[entries.count - 1].id = id
  }

  /// The token added last, for errors.
  var lastToken: String {
    String(decoding: bytes[(entries.last.map { Int($0.start) } ?? 0)...], as: UTF8.self)
  }
}
