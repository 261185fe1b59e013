/// Maps tokens to ids and back: one block of bytes and one open-addressing hash table.
///
/// Keys are bytes: `String` compares by canonical equivalence and would merge tokens that differ
/// only in normalisation. A token that starts with the continuation prefix is in the table twice,
/// with and without the prefix, so that WordPiece looks up slices of the word in place.
///
/// `@unchecked Sendable` because the pointers are not written after `init`.
final class Vocabulary: @unchecked Sendable {
  /// The position of a piece in a word.
  enum Position: UInt32 {
    case first = 0
    case continuing = 1
  }

  /// One slot of the table; `id` is -1 if it is free.
  fileprivate struct Slot {
    var id: Int32
    var tag: UInt32
    var start: UInt32
    /// The length of the key times two, plus its `Position`.
    var shape: UInt32
  }

  struct Entry {
    var id: Int32
    var start: UInt32
    var count: UInt32
  }

  /// The number of readable bytes that every key must have past its end.
  static let slack = 8

  /// Sorted by id.
  let entries: [Entry]
  /// Lookups without reference counting, for which all threads would write the same cache line;
  /// valid as long as this object.
  let table: VocabularyTable
  private let blob: UnsafeMutablePointer<UInt8>
  private let slots: UnsafeMutablePointer<Slot>
  private let mask: Int

  var count: Int { entries.count }

  /// The largest id; -1 in an empty vocabulary.
  var maxID: Int32 { entries.last?.id ?? -1 }

  deinit {
    blob.deallocate()
    slots.deallocate()
  }

  /// Builds the table of a builder's tokens; `path` is for errors.
  init(
    _ builder: VocabularyBuilder, continuingPrefix: [UInt8], path: String
  ) throws(TokenizerError) {
    guard !builder.entries.isEmpty else { throw .emptyVocabulary(path: path) }
    var entries = builder.entries
    let blob = Self.copyWithSlack(builder.bytes)
    self.blob = blob
    if !zip(entries, entries.dropFirst()).allSatisfy({ $0.id < $1.id }) {
      entries.sort { ($0.id, $0.start) < ($1.id, $1.start) }
    }

    var continuing = 0
    for entry in entries where Self.hasPrefix(continuingPrefix, entry, blob) { continuing += 1 }
    let capacity = Self.capacity(for: entries.count + continuing)
    self.mask = capacity - 1
    self.slots = .allocate(capacity: capacity)
    slots.initialize(repeating: Slot(id: -1, tag: 0, start: 0, shape: 0), count: capacity)

    var longest = (first: 0, continuing: 0)
    var duplicate: Entry?
    for entry in entries {
      if !Self.insert(entry, .first, into: slots, mask, blob) { duplicate = entry }
      longest.first = max(longest.first, Int(entry.count))
      guard Self.hasPrefix(continuingPrefix, entry, blob) else { continue }
      let skipped = UInt32(continuingPrefix.count)
      let rest = Entry(id: entry.id, start: entry.start + skipped, count: entry.count - skipped)
      _ = Self.insert(rest, .continuing, into: slots, mask, blob)
      longest.continuing = max(longest.continuing, Int(rest.count))
    }
    table = VocabularyTable(
      slots: slots, mask: capacity - 1, blob: blob, maxFirstLength: longest.first,
      maxContinuingLength: longest.continuing)
    if duplicate != nil {
      let (slots, mask) = (slots, mask)
      entries.removeAll { Self.find($0, in: slots, mask, blob) != $0.id }
    }
    self.entries = entries
    if let duplicate, !builder.replacesDuplicates {
      throw .duplicateToken(path: path, token: Self.string(duplicate, blob))
    }
    for index in 1..<max(entries.count, 1) where entries[index - 1].id == entries[index].id {
      throw .duplicateID(
        path: path,
        id: entries[index].id,
        first: Self.string(entries[index - 1], blob),
        second: Self.string(entries[index], blob)
      )
    }
  }

  private static func copyWithSlack(_ bytes: [UInt8]) -> UnsafeMutablePointer<UInt8> {
    let blob = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + slack)
    blob.initialize(repeating: 0, count: bytes.count + slack)
    bytes.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress { blob.update(from: base, count: bytes.count) }
    }
    return blob
  }

  // MARK: Looking up

  /// Returns the id of a token; copies its bytes to have the slack.
  func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
    let id = withUnsafeTemporaryAllocation(
      of: UInt8.self, capacity: token.count + Self.slack
    ) { key in
      _ = key.initialize(from: token)
      for index in token.count..<key.count { key.initializeElement(at: index, to: 0) }
      return key.baseAddress.map { table.find($0, count: token.count, .first) } ?? -1
    }
    return id < 0 ? nil : id
  }

  func id(of token: [UInt8]) -> Int32? { token.withUnsafeBufferPointer { id(of: $0) } }

  /// Returns the bytes of the token with an id, valid as long as this object.
  func bytes(of id: Int32) -> UnsafeBufferPointer<UInt8>? {
    guard let entry = entry(of: id) else { return nil }
    return UnsafeBufferPointer(start: blob + Int(entry.start), count: Int(entry.count))
  }

  private func entry(of id: Int32) -> Entry? {
    if id >= 0, Int(id) < entries.count, entries[Int(id)].id == id { return entries[Int(id)] }
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].id == id ? entries[low] : nil
  }

  // MARK: The table

  /// Returns a power of two that leaves at least a third of the slots free.
  private static func capacity(for count: Int) -> Int {
    var capacity = 16
    while capacity < count + count / 2 { capacity *= 2 }
    return capacity
  }

  @inline(__always)
  fileprivate static func find(
    _ hash: KeyHash,
    _ key: UnsafePointer<UInt8>,
    count: Int,
    _ position: Position,
    in slots: UnsafeMutablePointer<Slot>,
    _ mask: Int,
    _ blob: UnsafeMutablePointer<UInt8>
  ) -> Int32 {
    let shape = UInt32(truncatingIfNeeded: count) << 1 | position.rawValue
    var place = hash.place & mask
    while true {
      let slot = slots[place]
      if slot.id < 0 { return -1 }
      if slot.tag == hash.tag, slot.shape == shape,
        areEqual(key, blob + Int(slot.start), count: count)
      {
        return slot.id
      }
      place = (place + 1) & mask
    }
  }

  private static func find(
    _ entry: Entry,
    in slots: UnsafeMutablePointer<Slot>,
    _ mask: Int,
    _ blob: UnsafeMutablePointer<UInt8>
  ) -> Int32 {
    let (key, count) = (UnsafePointer(blob + Int(entry.start)), Int(entry.count))
    return find(
      KeyHash(key, count: count, .first), key, count: count, .first, in: slots, mask, blob)
  }

  /// Inserts a key or replaces an equal one; returns false if it replaced one.
  private static func insert(
    _ entry: Entry,
    _ position: Position,
    into slots: UnsafeMutablePointer<Slot>,
    _ mask: Int,
    _ blob: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    let (key, count) = (UnsafePointer(blob + Int(entry.start)), Int(entry.count))
    let hash = KeyHash(key, count: count, position)
    let shape = entry.count << 1 | position.rawValue
    var place = hash.place & mask
    while slots[place].id >= 0 {
      let slot = slots[place]
      if slot.tag == hash.tag, slot.shape == shape,
        areEqual(key, blob + Int(slot.start), count: count)
      {
        slots[place].id = entry.id
        return false
      }
      place = (place + 1) & mask
    }
    slots[place] = Slot(id: entry.id, tag: hash.tag, start: entry.start, shape: shape)
    return true
  }

  /// Compares two keys of equal length, eight bytes at a time; both must have `slack`.
  @inline(__always)
  private static func areEqual(
    _ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, count: Int
  ) -> Bool {
    var offset = 0
    while offset + 8 <= count {
      if KeyHash.load(left + offset) != KeyHash.load(right + offset) { return false }
      offset += 8
    }
    let difference = KeyHash.load(left + offset) ^ KeyHash.load(right + offset)
    return difference & KeyHash.mask(count - offset) == 0
  }

  private static func hasPrefix(
    _ prefix: [UInt8], _ entry: Entry, _ blob: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    guard Int(entry.count) > prefix.count else { return false }
    for index in 0..<prefix.count where blob[Int(entry.start) + index] != prefix[index] {
      return false
    }
    return true
  }

  private static func string(_ entry: Entry, _ blob: UnsafeMutablePointer<UInt8>) -> String {
    String(
      decoding: UnsafeBufferPointer(start: blob + Int(entry.start), count: Int(entry.count)),
      as: UTF8.self
    )
  }
}

/// The lookups of a ``Vocabulary`` through unowned pointers into it.
struct VocabularyTable: @unchecked Sendable {
  fileprivate let slots: UnsafeMutablePointer<Vocabulary.Slot>
  fileprivate let mask: Int
  fileprivate let blob: UnsafeMutablePointer<UInt8>
  /// The length in bytes of the longest first piece.
  let maxFirstLength: Int
  /// The length in bytes of the longest continuing piece, without the prefix.
  let maxContinuingLength: Int

  /// Returns the id of a key, or -1. `key` must have `Vocabulary.slack` readable bytes past its
  /// end.
  @inline(__always)
  func find(_ key: UnsafePointer<UInt8>, count: Int, _ position: Vocabulary.Position) -> Int32 {
    find(KeyHash(key, count: count, position), key, count: count, position)
  }

  /// Returns the id of a key whose hash is known, or -1.
  @inline(__always)
  func find(
    _ hash: KeyHash, _ key: UnsafePointer<UInt8>, count: Int, _ position: Vocabulary.Position
  ) -> Int32 {
    Vocabulary.find(hash, key, count: count, position, in: slots, mask, blob)
  }
}
