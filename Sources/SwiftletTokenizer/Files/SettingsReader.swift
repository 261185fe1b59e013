import SwiftletJSON

/// A JSON reader whose errors include the path of the file.
struct SettingsReader {
  let path: String
  private var json: JSONReader

  /// Creates a reader, with Python's rules by default.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>, path: String, rules: JSONRules = .python
  ) throws(TokenizerError) {
    self.path = path
    do throws(JSONError) {
      json = try JSONReader(bytes, rules: rules)
    } catch {
      throw .malformedJSON(path: path, reason: error.description)
    }
  }

  private mutating func read<Value>(
    _ body: (inout JSONReader) throws(JSONError) -> Value
  ) throws(TokenizerError) -> Value {
    do throws(JSONError) {
      return try body(&json)
    } catch {
      throw .malformedJSON(path: path, reason: error.description)
    }
  }

  mutating func string() throws(TokenizerError) -> String {
    try read { json throws(JSONError) in try json.readString() }
  }

  mutating func strings() throws(TokenizerError) -> [String] {
    var strings: [String] = []
    try array { reader throws(TokenizerError) in strings.append(try reader.string()) }
    return strings
  }

  mutating func bool() throws(TokenizerError) -> Bool {
    try read { json throws(JSONError) in try json.readBool() }
  }

  mutating func integer() throws(TokenizerError) -> Int64 {
    Int64(try read { json throws(JSONError) in try json.readInt() })
  }

  mutating func double() throws(TokenizerError) -> Double {
    try read { json throws(JSONError) in try json.readDouble() }
  }

  mutating func kind() throws(TokenizerError) -> JSONKind {
    try read { json throws(JSONError) in try json.peek() }
  }

  /// Consumes `null` if it comes next; returns whether it did.
  mutating func null() throws(TokenizerError) -> Bool {
    try read { json throws(JSONError) in try json.readNull() }
  }

  mutating func skip() throws(TokenizerError) {
    try read { json throws(JSONError) in try json.skipValue() }
  }

  mutating func finish() throws(TokenizerError) {
    try read { json throws(JSONError) in try json.finish() }
  }

  /// Reads an object; `member` is called with each key and must read or skip the value.
  mutating func object(
    checkingDuplicates: Bool = true,
    _ member: (inout SettingsReader, JSONString) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    var object = try read { json throws(JSONError) in
      try json.beginObject(checkingDuplicates: checkingDuplicates)
    }
    while true {
      let key: JSONString?
      do throws(JSONError) {
        key = try json.nextKey(in: &object)
      } catch {
        throw .malformedJSON(path: path, reason: error.description)
      }
      guard let key else { return }
      try member(&self, key)
    }
  }

  /// Reads an array; `element` is called for each element and must read or skip it.
  mutating func array(
    _ element: (inout SettingsReader) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    var array = try read { json throws(JSONError) in try json.beginArray() }
    while try read({ json throws(JSONError) in try json.nextElement(in: &array) }) {
      try element(&self)
    }
  }
}

extension SettingsReader {
  /// Reads the id of a token, which must be non-negative and fit 32 bits.
  mutating func id(of token: String) throws(TokenizerError) -> Int32 {
    let id = try integer()
    guard let fitting = Int32(exactly: id), fitting >= 0 else {
      throw .idOutOfRange(path: path, token: token, id: id)
    }
    return fitting
  }

  /// Reads the object of an added token. By default a special token is matched in the raw text, any
  /// other in the normalized text.
  mutating func addedToken(isSpecial: Bool = false) throws(TokenizerError) -> AddedToken {
    try numberedToken(isSpecial: isSpecial).token
  }

  /// Reads the object of an added token with its id, which only orders the tokens (see
  /// ``AddedVocabulary``).
  mutating func numberedToken(isSpecial: Bool = false) throws(TokenizerError) -> NumberedToken {
    var content: String?
    var id = Int32.max
    var isNormalized: Bool?
    var token = AddedToken(content: [], isNormalized: true, isSpecial: isSpecial)
    try object { reader, key throws(TokenizerError) in
      switch key {
      case "content": content = try reader.string()
      case "id": id = try reader.id(of: "id")
      case "single_word": token.isSingleWord = try reader.bool()
      case "lstrip": token.stripsLeft = try reader.bool()
      case "rstrip": token.stripsRight = try reader.bool()
      case "normalized": isNormalized = try reader.null() ? nil : reader.bool()
      case "special" where !isSpecial: token.isSpecial = try reader.bool()
      default: try reader.skip()
      }
    }
    guard let content else { throw .missingKey(path: path, key: "content of an added token") }
    token.content = [UInt8](content.utf8)
    token.isNormalized = isNormalized ?? !token.isSpecial
    return NumberedToken(id: id, token: token)
  }
}

/// An added token with its id in a file.
struct NumberedToken {
  let id: Int32
  let token: AddedToken
}
