import SwiftletJSON

/// A value of an object.
struct JSONField {
  let kind: JSONKind
  /// The contents of a string, or the source text of a number or boolean; nil for other kinds.
  let text: String?
  /// The range of its bytes in the document.
  let source: Range<Int>

  /// Returns the source text without white space outside strings, so on one line.
  static func compacted(_ source: ArraySlice<UInt8>) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.count)
    var (isString, isEscaped) = (false, false)
    for byte in source {
      if isString {
        isString = isEscaped || byte != UInt8(ascii: "\"")
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      } else if byte == UInt8(ascii: "\"") {
        isString = true
      } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
        continue
      }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The values of one object at some paths; the buffer is reused for the next object.
struct JSONFields {
  /// The keys that lead to each value.
  private let paths: [[String]]
  /// Whether all members of the object are read, not only the paths.
  let keepsAll: Bool

  /// The value of each path; nil for a missing one.
  private var found: [JSONField?]
  /// All members in the order of the object, if they are kept; of a repeated key the last one.
  private(set) var members: [(key: String, field: JSONField)] = []
  /// Whether one of the strings had a lone surrogate, now U+FFFD.
  private(set) var hasLoneSurrogate = false

  init(at paths: [[String]] = [], keepsAll: Bool = false) {
    self.paths = paths
    self.keepsAll = keepsAll
    found = Array(repeating: nil, count: paths.count)
  }

  /// The value of the path at an index; nil if the last object read does not have it.
  subscript(slot: Int) -> JSONField? { found[slot] }

  /// Reads the next value, an object; `bytes` are the document of `reader`.
  mutating func read(
    _ reader: inout JSONReader, over bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) {
    for slot in found.indices { found[slot] = nil }
    members.removeAll(keepingCapacity: true)
    hasLoneSurrogate = false
    try readObject(&reader, over: bytes, slots: found.indices.map(\.self), depth: 0)
  }

  /// Reads an object for the paths in `slots`, of which `depth` keys lead to the object.
  private mutating func readObject(
    _ reader: inout JSONReader, over bytes: UnsafeBufferPointer<UInt8>, slots: [Int], depth: Int
  ) throws(JSONError) {
    // Without the check every member is read, so that the last one of a repeated key counts.
    let keepsMembers = keepsAll && depth == 0
    var object = try reader.beginObject(checkingDuplicates: keepsMembers)
    while let key = try reader.nextKey(in: &object) {
      // Bytes are compared: keys that differ only in normalisation are different keys.
      let matches = slots.filter { paths[$0][depth].utf8.elementsEqual(key.utf8) }
      guard keepsMembers || !matches.isEmpty else {
        try reader.skipValue()
        continue
      }
      let name = keepsMembers ? key.string : ""
      let field = try readValue(&reader, over: bytes, slots: matches, depth: depth + 1)
      if keepsMembers { members.append((name, field)) }
    }
  }

  private mutating func readValue(
    _ reader: inout JSONReader, over bytes: UnsafeBufferPointer<UInt8>, slots: [Int], depth: Int
  ) throws(JSONError) -> JSONField {
    for slot in slots { found[slot] = nil }
    let inner = slots.filter { paths[$0].count > depth }
    let kind = try reader.peek()
    let start = reader.offset
    var text: String?
    if kind == .string {
      let count = reader.loneSurrogateCount
      text = try reader.readString()
      if reader.loneSurrogateCount > count { hasLoneSurrogate = true }
    } else if kind == .object, !inner.isEmpty {
      try readObject(&reader, over: bytes, slots: inner, depth: depth)
    } else {
      try reader.skipValue()
    }
    let source = start..<reader.offset
    if kind == .number || kind == .boolean {
      text = String(decoding: UnsafeBufferPointer(rebasing: bytes[source]), as: UTF8.self)
    }
    let field = JSONField(kind: kind, text: text, source: source)
    for slot in slots where paths[slot].count == depth { found[slot] = field }
    return field
  }
}
