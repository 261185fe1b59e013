import SwiftletJSON

/// One tensor as declared by the header's JSON, not yet checked against the file.
///
/// It owns no memory: a hostile header of 100 MB has over a million entries.
struct HeaderEntry {
  /// The range of the name in ``HeaderParser/names``.
  var name: Range<Int>
  /// The range of the shape in ``HeaderParser/dimensions``.
  var shape: Range<Int>
  var dataType: DataType
  var begin: UInt64
  var end: UInt64
}

/// Parses the header's JSON into entries; checks only syntax and types.
///
/// Uses a small multiple of the header's size, which the caller has bounded.
struct HeaderParser {
  private(set) var entries: [HeaderEntry] = []
  private(set) var names: [UInt8] = []
  private(set) var dimensions: [UInt64] = []
  private(set) var metadata: [String: String] = [:]
  /// The first unknown dtype and the name of its tensor.
  private(set) var unknownDataType: (tensor: String, found: String)?
  /// The range in ``names`` of the tensor being read; nil outside of tensors.
  private(set) var current: Range<Int>?

  private let bytes: UnsafeBufferPointer<UInt8>
  private var reader: JSONReader

  /// The reference implementation's limit for values that it skips.
  private static let depthLimit = 127

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    self.bytes = bytes
    self.reader = try JSONReader(bytes, depthLimit: Self.depthLimit)
  }

  func name(at range: Range<Int>) -> String { String(decoding: names[range], as: UTF8.self) }

  mutating func parse() throws(JSONError) {
    var object = try reader.beginObject(checkingDuplicates: false)
    var hasMetadata = false
    while let key = try reader.nextKey(in: &object) {
      if key == "__metadata__" {
        guard !hasMetadata else {
          throw .duplicateKey("__metadata__", offset: reader.offset)
        }
        hasMetadata = true
        try parseMetadata()
      } else {
        let start = names.count
        names.append(contentsOf: key.utf8)
        current = start..<names.count
        try parseTensor(name: start..<names.count)
        current = nil
      }
    }
    try reader.finish()
  }

  /// Returns a name that two tensors share; nil if there is none.
  ///
  /// A hash table over ranges of ``names``: a set of arrays would take more time and memory than
  /// parsing the header.
  func duplicateName() -> String? {
    var capacity = 16
    while capacity < entries.count * 2 { capacity *= 2 }
    var slots = [Int32](repeating: -1, count: capacity)
    return names.withUnsafeBytes { names -> String? in
      for (index, entry) in entries.enumerated() {
        let name = UnsafeRawBufferPointer(rebasing: names[entry.name])
        // The seed differs in each process, so no file can be built of names that collide.
        var hasher = Hasher()
        hasher.combine(bytes: name)
        var slot = hasher.finalize() & (capacity - 1)
        while slots[slot] >= 0 {
          let other = names[entries[Int(slots[slot])].name]
          if other.count == name.count, other.elementsEqual(name) {
            return String(decoding: name, as: UTF8.self)
          }
          slot = (slot + 1) & (capacity - 1)
        }
        slots[slot] = Int32(index)
      }
      return nil
    }
  }

  /// Keys that differ only in Unicode normalisation are one key of a Swift dictionary; the last
  /// wins.
  private mutating func parseMetadata() throws(JSONError) {
    if try reader.readNull() { return }
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      let name = key.string
      metadata[name] = try reader.readString()
    }
  }

  /// Skips unknown fields, as the reference does.
  private mutating func parseTensor(name: Range<Int>) throws(JSONError) {
    var dataType: DataType?
    var shape: Range<Int>?
    var offsets: (begin: UInt64, end: UInt64)?
    var object = try reader.beginObject(checkingDuplicates: false)
    while let key = try reader.nextKey(in: &object) {
      let keyOffset = reader.offset
      switch key {
      case "dtype" where dataType == nil: dataType = try parseDataType(tensor: name)
      case "shape" where shape == nil: shape = try parseShape()
      case "data_offsets" where offsets == nil: offsets = try parseOffsets()
      case "dtype", "shape", "data_offsets":
        throw .duplicateKey(key.string, offset: keyOffset)
      default: try reader.skipValue()
      }
    }
    guard let dataType, let shape, let offsets else {
      throw .unexpectedByte(
        UInt8(ascii: "}"),
        expected: "dtype, shape and data_offsets",
        offset: reader.offset - 1
      )
    }
    entries.append(
      HeaderEntry(
        name: name, shape: shape, dataType: dataType, begin: offsets.begin, end: offsets.end)
    )
  }

  /// Records an unknown dtype and continues, so that invalid JSON after it is reported first.
  private mutating func parseDataType(tensor: Range<Int>) throws(JSONError) -> DataType {
    let text = try reader.readString()
    if let known = DataType(rawValue: text) { return known }
    unknownDataType = unknownDataType ?? (name(at: tensor), text)
    return .u8
  }

  private mutating func parseShape() throws(JSONError) -> Range<Int> {
    let start = dimensions.count
    var array = try reader.beginArray()
    while try reader.nextElement(in: &array) { dimensions.append(try parseSize()) }
    return start..<dimensions.count
  }

  private mutating func parseOffsets() throws(JSONError) -> (begin: UInt64, end: UInt64) {
    var array = try reader.beginArray()
    var values: (UInt64, UInt64) = (0, 0)
    var count = 0
    while try reader.nextElement(in: &array) {
      let value = try parseSize()
      values = (values.1, value)
      count += 1
    }
    guard count == 2 else {
      throw .unexpectedByte(
        UInt8(ascii: "]"),
        expected: "the two numbers of data_offsets",
        offset: reader.offset - 1
      )
    }
    return values
  }

  /// Reads a non-negative integer; `-0` is an error.
  private mutating func parseSize() throws(JSONError) -> UInt64 {
    if try reader.peek() == .number, bytes[reader.offset] == UInt8(ascii: "-") {
      throw .unexpectedByte(
        UInt8(ascii: "-"), expected: "a non-negative integer", offset: reader.offset)
    }
    return try reader.readUInt64()
  }
}
