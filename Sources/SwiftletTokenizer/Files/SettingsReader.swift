import SwiftletJSON

/// A JSON reader whose errors name the file.
struct SettingsReader {
  let path: String
  private var json: JSONReader

  /// By Python's rules unless others are given.
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

  /// Consumes `null`, and says whether it was there.
  mutating func null() throws(TokenizerError) -> Bool {
    try read { json throws(JSONError) in try json.readNull() }
  }

  mutating func skip() throws(TokenizerError) {
    try read { json throws(JSONError) in try json.skipValue() }
  }

  mutating func finish() throws(TokenizerError) {
    try read { json throws(JSONError) in try json.finish() }
  }

  /// Calls `member` with each key of an object; it must read or skip the value.
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

  /// Calls `element` for each element of an array; it must read or skip it.
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
  /// An id of a token, which must fit the model's 32 bits.
  mutating func id(of token: String) throws(TokenizerError) -> Int32 {
    let id = try integer()
    guard let fitting = Int32(exactly: id), fitting >= 0 else {
      throw .idOutOfRange(path: path, token: token, id: id)
    }
    return fitting
  }

  /// An added token as an object. A special one is looked for in the text as it stands, and any other
  /// in the normalized text, unless it says something else.
  mutating func addedToken(isSpecial: Bool = false) throws(TokenizerError) -> AddedToken {
    try numberedToken(isSpecial: isSpecial).token
  }

  /// An added token with the id beside it, which orders tokens and gives none its id (see
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

/// An added token with the id that a file gives it.
struct NumberedToken {
  let id: Int32
  let token: AddedToken
}
