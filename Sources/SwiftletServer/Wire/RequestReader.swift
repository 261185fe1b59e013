#if Server
import SwiftletJSON

/// Reads the fields of a request's body, and throws ``RequestError`` with the field, the line and
/// the column.
///
/// No body can trap: the parser bounds the depth and checks every byte, and numbers must fit their
/// range. Unknown fields are checked and ignored, except parameters of the Hub's pipelines: see
/// ``option(_:of:_:)``.
struct RequestReader {
  private var json: JSONReader
  private let bytes: UnsafeBufferPointer<UInt8>
  /// The options that were read, at the top of the body or under `parameters`.
  private var options: Set<String> = []
  /// Where in the body the reader is, for messages: `inputs`, or `parameters.truncate`.
  private var path: [String] = []

  private init(_ bytes: UnsafeBufferPointer<UInt8>) throws(RequestError) {
    self.bytes = bytes
    do {
      json = try JSONReader(bytes)
    } catch {
      throw RequestReader.failure(error, in: bytes, path: [])
    }
  }

  /// Parses a whole body with `parse`; only white space may follow.
  static func read<Request>(
    _ body: [UInt8], _ parse: (inout RequestReader) throws(RequestError) -> Request
  ) throws(RequestError) -> Request {
    try body.withUnsafeBufferPointer { (bytes) throws(RequestError) in
      var reader = try RequestReader(bytes)
      do throws(RequestError) {
        let request = try parse(&reader)
        try reader.attempt { (json) throws(JSONError) in try json.finish() }
        return request
      } catch {
        throw malformation(of: bytes) ?? error
      }
    }
  }

  /// The syntax error of a body; nil if it is JSON. It takes precedence over other errors, so that
  /// the status does not depend on the order of the fields.
  private static func malformation(of bytes: UnsafeBufferPointer<UInt8>) -> RequestError? {
    do throws(JSONError) {
      var json = try JSONReader(bytes)
      try json.skipValue(checkingDuplicates: false)
      try json.finish()
      return nil
    } catch {
      return failure(error, in: bytes, path: [])
    }
  }

  // MARK: Objects

  /// Calls `read` for each field of an object; `read` returns whether it has read the field. The
  /// fields that it reads must not be repeated, and `required` must be among them.
  mutating func fields(
    required: [StaticString],
    _ read: (JSONString, inout RequestReader) throws(RequestError) -> Bool
  ) throws(RequestError) {
    var object = try attempt { (json) throws(JSONError) in
      try json.beginObject(checkingDuplicates: false)
    }
    var missing = required
    var known: [String] = []
    while true {
      let key = try attempt { (json) throws(JSONError) in try json.nextKey(in: &object) }
      guard let key else { break }
      let name = key.string
      if known.contains(name) {
        throw shape("field `\(name.prefix(64))` is given twice", at: json.offset)
      }
      missing.removeAll { key == $0 }
      path.append(String(name.prefix(64)))
      if try read(key, &self) {
        known.append(name)
      } else {
        try attempt { (json) throws(JSONError) in try json.skipValue(checkingDuplicates: false) }
      }
      path.removeLast()
    }
    if let name = missing.first { throw shape("missing field `\(name)`", at: json.offset) }
  }

  /// Reads a field that is an option of the route, for ``fields(required:_:)``. Options are at the
  /// top, as in text-embeddings-inference, or under `parameters`, where the Hub's clients put them;
  /// `null` means the default.
  ///
  /// - Parameters:
  ///   - key: The field's name.
  ///   - names: The route's options.
  ///   - read: Reads the option of that name, which is one of `names`.
  /// - Returns: Whether the field was read; false for one that is ignored.
  /// - Throws: ``RequestError`` for an option that is in both places, for any other name under
  ///   `parameters`, and for a parameter of another task's pipeline at the top.
  mutating func option(
    _ key: JSONString, of names: [String],
    _ read: (String, inout RequestReader) throws(RequestError) -> Void
  ) throws(RequestError) -> Bool {
    let name = key.string
    if name == "parameters" {
      guard try !isNull() else { return true }
      try fields(required: []) { (key, reader) throws(RequestError) in
        let name = key.string
        guard try !reader.readOption(name, of: names, read), try !reader.isNull() else {
          return true
        }
        throw reader.shape(PipelineParameter.refusal(of: name, options: names))
      }
      return true
    }
    if try readOption(name, of: names, read) { return true }
    guard PipelineParameter.isKnown(name) else { return false }
    guard try isNull() else {
      throw shape(PipelineParameter.refusal(of: name, options: names))
    }
    return true
  }

  private mutating func readOption(
    _ name: String, of names: [String],
    _ read: (String, inout RequestReader) throws(RequestError) -> Void
  ) throws(RequestError) -> Bool {
    guard names.contains(name) else { return false }
    guard options.insert(name).inserted else {
      throw shape("`\(name)` is given twice, at the top and under `parameters`")
    }
    if try !isNull() { try read(name, &self) }
    return true
  }

  // MARK: Values

  mutating func peek() throws(RequestError) -> JSONKind {
    try attempt { (json) throws(JSONError) in try json.peek() }
  }

  mutating func string() throws(RequestError) -> String {
    try attempt { (json) throws(JSONError) in try json.readString() }
  }

  mutating func bool() throws(RequestError) -> Bool {
    try attempt { (json) throws(JSONError) in try json.readBool() }
  }

  /// Whether the value is `null`, which is then consumed.
  mutating func isNull() throws(RequestError) -> Bool {
    try attempt { (json) throws(JSONError) in try json.readNull() }
  }

  /// A whole number within `range`, written without fraction or exponent.
  mutating func integer(in range: ClosedRange<Int>) throws(RequestError) -> Int {
    let kind = try peek()
    let start = json.offset
    guard kind == .number else {
      throw shape("expected a whole number, found \(kind.rawValue)", at: start)
    }
    var lookahead = json
    try attempt { (json) throws(JSONError) in try json.skipValue() }
    guard let value = try? lookahead.readInt(), range.contains(value) else {
      throw shape(
        "expected a whole number from \(range.lowerBound) to \(range.upperBound)", at: start)
    }
    return value
  }

  mutating func count() throws(RequestError) -> Int { try integer(in: 0...Int(Int32.max)) }

  /// The value for one of several strings; `expected` lists them for the error.
  mutating func choice<Value>(
    _ values: [String: Value], expected: String
  ) throws(RequestError) -> Value {
    _ = try peek()
    let start = json.offset
    guard let value = values[try string()] else { throw shape("expected \(expected)", at: start) }
    return value
  }

  mutating func truncationDirection() throws(RequestError) -> TruncationDirection {
    try choice(
      ["Left": .left, "left": .left, "Right": .right, "right": .right],
      expected: #""Left" or "Right""#)
  }

  /// Calls `read` for each element of an array.
  mutating func elements(
    _ read: (inout RequestReader) throws(RequestError) -> Void
  ) throws(RequestError) {
    var array = try attempt { (json) throws(JSONError) in try json.beginArray() }
    while try attempt({ (json) throws(JSONError) in try json.nextElement(in: &array) }) {
      try read(&self)
    }
  }

  mutating func strings() throws(RequestError) -> [String] {
    var strings: [String] = []
    try elements { (reader) throws(RequestError) in strings.append(try reader.string()) }
    return strings
  }

  /// Token ids; the routes check them against the vocabulary.
  mutating func tokenIDs() throws(RequestError) -> [Int] {
    var ids: [Int] = []
    try elements { (reader) throws(RequestError) in ids.append(try reader.tokenID()) }
    return ids
  }

  mutating func tokenID() throws(RequestError) -> Int { try integer(in: 0...Int(Int32.max)) }

  // MARK: Errors

  /// An error about the value that was read last.
  func shape(_ problem: String) -> RequestError { shape(problem, at: json.offset) }

  private func shape(_ problem: String, at offset: Int) -> RequestError {
    Self.shape(problem, at: offset, in: bytes, path: path)
  }

  private static func shape(
    _ problem: String, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>, path: [String]
  ) -> RequestError {
    let place = path.isEmpty ? "" : path.joined(separator: ".") + ": "
    return .shape(
      "Failed to deserialize the JSON body into the target type: \(place)\(problem)"
        + position(of: offset, in: bytes))
  }

  private mutating func attempt<Value>(
    _ read: (inout JSONReader) throws(JSONError) -> Value
  ) throws(RequestError) -> Value {
    do {
      return try read(&json)
    } catch {
      throw Self.failure(error, in: bytes, path: path)
    }
  }

  private static func failure(
    _ error: JSONError, in bytes: UnsafeBufferPointer<UInt8>, path: [String]
  ) -> RequestError {
    if case .wrongType(let expected, let found, let offset) = error {
      return shape(
        "expected \(expected), found \(found.rawValue)", at: offset, in: bytes, path: path)
    }
    let (problem, offset) = error.problem
    return .syntax(
      "Failed to parse the request body as JSON: \(problem)\(position(of: offset, in: bytes))")
  }

  /// Lines and columns count from 1, columns in Unicode scalars.
  private static func position(of offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> String {
    var (line, column) = (1, 1)
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return " at line \(line) column \(column)"
  }
}

extension JSONError {
  /// The problem, and its byte offset.
  fileprivate var problem: (String, offset: Int) {
    switch self {
    case .invalidUTF8(let offset): ("the body is not UTF-8", offset)
    case .unexpectedEnd(let offset): ("the body ends too early", offset)
    case .unexpectedByte(_, let expected, let offset): ("expected \(expected)", offset)
    case .invalidEscape(let offset): ("invalid escape in a string", offset)
    case .controlCharacter(let offset): ("unescaped control character in a string", offset)
    case .invalidNumber(let offset): ("invalid number", offset)
    case .numberOutOfRange(let offset): ("number out of range", offset)
    case .wrongType(let expected, _, let offset): ("expected \(expected)", offset)
    case .duplicateKey(_, let offset): ("a field is given twice", offset)
    case .tooDeep(let limit, let offset): ("nested deeper than \(limit) levels", offset)
    case .trailingBytes(let offset): ("something follows the JSON value", offset)
    }
  }
}
#endif
