/// A pull parser over the bytes of one JSON document (RFC 8259), strict unless ``JSONRules`` say
/// otherwise.
///
/// It builds no tree: the caller asks for the value that it expects. Nesting is bounded; UTF-8 is
/// checked once, by the initialiser. The bytes must outlive the reader.
///
///     var object = try reader.beginObject()
///     while let key = try reader.nextKey(in: &object) {
///       switch key {
///       case "dim": dim = try reader.readInt()
///       default: try reader.skipValue()
///       }
///     }
///     try reader.finish()
package struct JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let rules: JSONRules
  private let depthLimit: Int
  private var depth = 0
  /// The decoded bytes of the last string that had escapes.
  private let scratch = Scratch()

  /// The offset of the next byte to be read.
  package private(set) var offset = 0
  /// The number of lone surrogates read or skipped so far, each as U+FFFD.
  package private(set) var loneSurrogateCount = 0

  package init(
    _ bytes: UnsafeBufferPointer<UInt8>, rules: JSONRules = .strict, depthLimit: Int = 64
  ) throws(JSONError) {
    self.bytes = bytes
    self.rules = rules
    self.depthLimit = depthLimit
    if let bad = UTF8Validation.firstInvalidOffset(in: bytes) {
      throw .invalidUTF8(offset: bad)
    }
  }

  // MARK: Values

  /// Returns the kind of the next value; consumes only white space.
  package mutating func peek() throws(JSONError) -> JSONKind {
    switch try nextSignificantByte() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "N") where rules.contains(.nonFiniteNumbers),
      UInt8(ascii: "I") where rules.contains(.nonFiniteNumbers):
      return .number
    case let byte: throw .unexpectedByte(byte, expected: "a JSON value", offset: offset)
    }
  }

  /// Consumes `null` if it comes next; returns whether it did.
  package mutating func readNull() throws(JSONError) -> Bool {
    guard try peek() == .null else { return false }
    try literal("null")
    return true
  }

  package mutating func readBool() throws(JSONError) -> Bool {
    try expect(.boolean)
    let value = bytes[offset] == UInt8(ascii: "t")
    try literal(value ? "true" : "false")
    return value
  }

  /// Reads a number without fraction or exponent that fits in `Integer`, of at most 64 bits.
  package mutating func readInteger<Integer: FixedWidthInteger>(
    as type: Integer.Type = Integer.self
  ) throws(JSONError) -> Integer {
    let (isNegative, magnitude, start) = try scanWholeNumber()
    let value =
      isNegative
      ? Int64(exactly: -Int128(magnitude)).flatMap { Integer(exactly: $0) }
      : Integer(exactly: magnitude)
    guard let value else { throw .numberOutOfRange(offset: start) }
    return value
  }

  // Not generic, so that calls from other modules run specialised code.
  package mutating func readInt() throws(JSONError) -> Int { try readInteger(as: Int.self) }

  package mutating func readUInt64() throws(JSONError) -> UInt64 {
    try readInteger(as: UInt64.self)
  }

  /// Reads a number, which must be finite unless the rules allow others.
  package mutating func readDouble() throws(JSONError) -> Double {
    let (range, _) = try scanNumber()
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    guard let value = Double(text), value.isFinite || rules.contains(.nonFiniteNumbers) else {
      throw .numberOutOfRange(offset: range.lowerBound)
    }
    return value
  }

  package mutating func readString() throws(JSONError) -> String {
    try readStringBytes().string
  }

  /// Reads a string; its bytes are valid until the next call.
  package mutating func readStringBytes() throws(JSONError) -> JSONString {
    try expect(.string)
    return try scanString()
  }

  /// Skips one value of any kind, checked as strictly as if it were read, except for duplicate keys
  /// if `checkingDuplicates` is false.
  package mutating func skipValue(checkingDuplicates: Bool = true) throws(JSONError) {
    let checkingDuplicates = checkingDuplicates && !rules.contains(.repeatedKeys)
    switch try peek() {
    case .object:
      var object = try beginObject(checkingDuplicates: checkingDuplicates)
      while try nextKey(in: &object) != nil {
        try skipValue(checkingDuplicates: checkingDuplicates)
      }
    case .array:
      var array = try beginArray()
      while try nextElement(in: &array) { try skipValue(checkingDuplicates: checkingDuplicates) }
    case .string: _ = try scanString()
    case .number: _ = try scanNumber()
    case .boolean: _ = try readBool()
    case .null: try literal("null")
    }
  }

  /// Throws if anything except white space follows.
  package mutating func finish() throws(JSONError) {
    skipWhitespace()
    guard offset == bytes.count else { throw .trailingBytes(offset: offset) }
  }

  // MARK: Objects and arrays

  /// Progress through one object. Start with ``beginObject(checkingDuplicates:)``.
  package struct Object {
    fileprivate var isFirst = true
    /// The keys so far; nil where a repeated key is not an error.
    fileprivate var seen: Set<[UInt8]>?
    /// The offsets of values whose key is repeated later in the object.
    fileprivate var superseded: Set<Int> = []
  }

  /// Progress through one array.
  package struct Array {
    fileprivate var isFirst = true
  }

  /// Opens an object.
  ///
  /// A repeated key is an error; with ``JSONRules/repeatedKeys`` it hides the earlier members with
  /// that key. Pass `false` to get every member if the caller checks for duplicates itself, as a
  /// vocabulary of 100,000 entries does with its own hash table.
  package mutating func beginObject(checkingDuplicates: Bool = true) throws(JSONError) -> Object {
    try expect(.object)
    var object = Object(seen: nil)
    if checkingDuplicates {
      if rules.contains(.repeatedKeys) {
        object.superseded = try supersededValues()
      } else {
        object.seen = []
      }
    }
    try descend()
    return object
  }

  /// Reads ahead through the next object; returns the offsets of values whose key is repeated
  /// later.
  private func supersededValues() throws(JSONError) -> Set<Int> {
    var ahead = self
    var object = Object(seen: nil)
    var values: [[UInt8]: Int] = [:]
    var superseded: Set<Int> = []
    try ahead.descend()
    while let key = try ahead.nextKey(in: &object) {
      if let earlier = values.updateValue(ahead.offset, forKey: [UInt8](key.utf8)) {
        superseded.insert(earlier)
      }
      try ahead.skipValue(checkingDuplicates: false)
    }
    return superseded
  }

  /// Reads the next key and its colon; returns nil at the end of the object.
  package mutating func nextKey(in object: inout Object) throws(JSONError) -> JSONString? {
    while let key = try nextMember(in: &object) {
      guard object.superseded.contains(offset) else { return key }
      try skipValue(checkingDuplicates: false)
    }
    return nil
  }

  private mutating func nextMember(in object: inout Object) throws(JSONError) -> JSONString? {
    guard try advance(&object.isFirst, closing: UInt8(ascii: "}")) else { return nil }
    let byte = try nextSignificantByte()
    guard byte == UInt8(ascii: "\"") else {
      throw .unexpectedByte(byte, expected: "a key in quotes", offset: offset)
    }
    let keyOffset = offset
    let key = try scanString()
    if object.seen != nil, object.seen?.insert([UInt8](key.utf8)).inserted == false {
      throw .duplicateKey(key.string, offset: keyOffset)
    }
    let colon = try nextSignificantByte()
    guard colon == UInt8(ascii: ":") else {
      throw .unexpectedByte(colon, expected: "':'", offset: offset)
    }
    offset += 1
    return key
  }

  package mutating func beginArray() throws(JSONError) -> Array {
    try expect(.array)
    try descend()
    return Array()
  }

  /// Returns whether another element follows, which the caller must read or skip.
  package mutating func nextElement(in array: inout Array) throws(JSONError) -> Bool {
    try advance(&array.isFirst, closing: UInt8(ascii: "]"))
  }

  private mutating func descend() throws(JSONError) {
    guard depth < depthLimit else { throw .tooDeep(limit: depthLimit, offset: offset) }
    depth += 1
    offset += 1
  }

  /// Consumes the comma before the next member; returns false after it consumed the closing byte.
  private mutating func advance(_ isFirst: inout Bool, closing: UInt8) throws(JSONError) -> Bool {
    let byte = try nextSignificantByte()
    if byte == closing {
      offset += 1
      depth -= 1
      return false
    }
    if isFirst {
      isFirst = false
      return true
    }
    guard byte == UInt8(ascii: ",") else {
      throw .unexpectedByte(
        byte, expected: "',' or '\(Unicode.Scalar(closing))'", offset: offset)
    }
    offset += 1
    if try nextSignificantByte() == closing {
      throw .unexpectedByte(closing, expected: "a value after ','", offset: offset)
    }
    return true
  }

  // MARK: Scanning

  private mutating func skipWhitespace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  private mutating func nextSignificantByte() throws(JSONError) -> UInt8 {
    skipWhitespace()
    guard offset < bytes.count else { throw .unexpectedEnd(offset: offset) }
    return bytes[offset]
  }

  private mutating func expect(_ kind: JSONKind) throws(JSONError) {
    let found = try peek()
    guard found == kind else {
      throw .wrongType(expected: kind.rawValue, found: found, offset: offset)
    }
  }

  private mutating func literal(_ text: StaticString) throws(JSONError) {
    for expected in UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) {
      guard offset < bytes.count else { throw .unexpectedEnd(offset: offset) }
      guard bytes[offset] == expected else {
        throw .unexpectedByte(bytes[offset], expected: "'\(text)'", offset: offset)
      }
      offset += 1
    }
  }

  private mutating func scanNumber() throws(JSONError) -> (Range<Int>, isWhole: Bool) {
    try expect(.number)
    let start = offset
    var isWhole = true
    if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    if rules.contains(.nonFiniteNumbers), offset < bytes.count {
      let name: StaticString? =
        switch bytes[offset] {
        case UInt8(ascii: "N") where offset == start: "NaN"
        case UInt8(ascii: "I"): "Infinity"
        default: nil
        }
      if let name {
        try literal(name)
        return (start..<offset, isWhole: false)
      }
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "0") {
      offset += 1
    } else {
      try scanDigits(start: start)
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      isWhole = false
      offset += 1
      try scanDigits(start: start)
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      offset += 1
      if offset < bytes.count,
        bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-")
      {
        offset += 1
      }
      try scanDigits(start: start)
    }
    return (start..<offset, isWhole)
  }

  // Not through a `String`, which costs more than the rest of the parser.
  private mutating func scanWholeNumber() throws(JSONError) -> (Bool, UInt64, start: Int) {
    let (range, isWhole) = try scanNumber()
    guard isWhole else { throw .invalidNumber(offset: range.lowerBound) }
    let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
    var magnitude: UInt64 = 0
    for byte in bytes[range].dropFirst(isNegative ? 1 : 0) {
      let (product, tooLarge) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      guard !tooLarge, !carried else { throw .numberOutOfRange(offset: range.lowerBound) }
      magnitude = sum
    }
    return (isNegative, magnitude, range.lowerBound)
  }

  private mutating func scanDigits(start: Int) throws(JSONError) {
    let first = offset
    while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) {
      offset += 1
    }
    guard offset > first else { throw .invalidNumber(offset: start) }
  }

  private mutating func scanString() throws(JSONError) -> JSONString {
    offset += 1
    let start = offset
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        let slice = UnsafeBufferPointer(rebasing: bytes[start..<offset])
        offset += 1
        return JSONString(utf8: slice)
      case UInt8(ascii: "\\"):
        return try scanEscapedString(from: start)
      case 0..<0x20:
        throw .controlCharacter(offset: offset)
      default:
        offset += 1
      }
    }
    throw .unexpectedEnd(offset: offset)
  }

  private mutating func scanEscapedString(from start: Int) throws(JSONError) -> JSONString {
    scratch.replace(with: UnsafeBufferPointer(rebasing: bytes[start..<offset]))
    while offset < bytes.count {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return JSONString(utf8: scratch.contents)
      case UInt8(ascii: "\\"):
        try scanEscape()
      case 0..<0x20:
        throw .controlCharacter(offset: offset)
      default:
        scratch.append(byte)
        offset += 1
      }
    }
    throw .unexpectedEnd(offset: offset)
  }

  private mutating func scanEscape() throws(JSONError) {
    let start = offset
    guard offset + 1 < bytes.count else { throw .unexpectedEnd(offset: bytes.count) }
    let kind = bytes[offset + 1]
    offset += 2
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(kind)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"): scratch.append(try scanUnicodeEscape(start: start))
    default: throw .invalidEscape(offset: start)
    }
  }

  /// Decodes `\uXXXX` or a surrogate pair; a lone surrogate is an error, or U+FFFD if the rules
  /// allow.
  private mutating func scanUnicodeEscape(start: Int) throws(JSONError) -> Unicode.Scalar {
    let first = try scanHex4(start: start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, offset + 1 < bytes.count,
      bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
    {
      let afterFirst = offset
      offset += 2
      let second = try scanHex4(start: start)
      if (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
      {
        return scalar
      }
      offset = afterFirst
    }
    guard rules.contains(.loneSurrogates) else { throw .invalidEscape(offset: start) }
    loneSurrogateCount += 1
    return "\u{FFFD}"
  }

  private mutating func scanHex4(start: Int) throws(JSONError) -> UInt32 {
    guard offset + 4 <= bytes.count else { throw .unexpectedEnd(offset: bytes.count) }
    var value: UInt32 = 0
    for byte in bytes[offset..<offset + 4] {
      guard let digit = Self.hexDigit(byte) else { throw .invalidEscape(offset: start) }
      value = value << 4 | digit
    }
    offset += 4
    return value
  }

  private static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}

/// A byte buffer whose contents do not move between two appends, so that a ``JSONString`` may point
/// into it.
private final class Scratch {
  private var storage: UnsafeMutableBufferPointer<UInt8> = .allocate(capacity: 256)
  private var count = 0

  deinit { storage.deallocate() }

  var contents: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: storage[..<count])
  }

  func replace(with bytes: UnsafeBufferPointer<UInt8>) {
    count = 0
    for byte in bytes { append(byte) }
  }

  func append(_ scalar: Unicode.Scalar) {
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
  }

  func append(_ byte: UInt8) {
    if count == storage.count {
      let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count * 2)
      _ = larger.update(fromContentsOf: storage)
      storage.deallocate()
      storage = larger
    }
    storage[count] = byte
    count += 1
  }
}
