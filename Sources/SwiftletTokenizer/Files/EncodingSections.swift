import SwiftletJSON

extension SettingsReader {
  /// Reads the `truncation` of a `tokenizer.json`.
  mutating func truncation(into options: inout EncodingOptions) throws(TokenizerError) {
    if try null() { return }
    var read = options
    try object { reader, key throws(TokenizerError) in
      switch key {
      case "max_length": read.maxLength = try reader.count("max_length")
      case "stride": read.stride = try reader.count("stride")
      case "strategy":
        read.truncation = try reader.choice(
          "strategy",
          ["LongestFirst": .longestFirst, "OnlyFirst": .onlyFirst, "OnlySecond": .onlySecond])
      case "direction": read.truncationSide = try reader.choice("direction", TextSide.named)
      default: try reader.skip()
      }
    }
    options = read
  }

  /// Reads the `padding` of a `tokenizer.json`.
  mutating func padding() throws(TokenizerError) -> Padding? {
    if try null() { return nil }
    var padding = Padding(id: 0)
    try object { reader, key throws(TokenizerError) in
      switch key {
      case "strategy": padding.length = try reader.paddingLength()
      case "direction": padding.side = try reader.choice("direction", TextSide.named)
      case "pad_to_multiple_of":
        padding.multiple = try reader.null() ? nil : reader.count("pad_to_multiple_of")
      case "pad_id": padding.id = try reader.id(of: "pad_id")
      case "pad_type_id": padding.typeID = try reader.id(of: "pad_type_id")
      default: try reader.skip()
      }
    }
    return padding
  }

  /// Reads `"BatchLongest"` or `{"Fixed": 128}`.
  private mutating func paddingLength() throws(TokenizerError) -> Padding.Length {
    if try kind() == .string { return try choice("strategy", ["BatchLongest": .longest]) }
    var length: Int?
    try object { reader, key throws(TokenizerError) in
      guard key == "Fixed" else {
        throw .unsupported(
          path: reader.path, part: "padding strategy", found: key.string,
          supported: "BatchLongest, Fixed")
      }
      length = try reader.count("Fixed")
    }
    guard let length else { throw .missingKey(path: path, key: "Fixed of padding") }
    return .fixed(length)
  }

  /// Reads a number of tokens.
  private mutating func count(_ key: String) throws(TokenizerError) -> Int {
    let count = try integer()
    guard count >= 0, count <= Self.maxTokens else {
      throw .invalidValue(
        path: path, key: key, found: "\(count)", expected: "0 to \(Self.maxTokens)")
    }
    return Int(count)
  }

  /// Far more than any model's length.
  private static let maxTokens: Int64 = 1 << 20

  mutating func choice<Value>(
    _ key: String, _ values: [String: Value]
  ) throws(TokenizerError) -> Value {
    let name = try string()
    guard let value = values[name] else {
      throw .invalidValue(
        path: path, key: key, found: "\"\(name)\"",
        expected: values.keys.sorted().joined(separator: " or "))
    }
    return value
  }
}

extension TextSide {
  fileprivate static let named: [String: TextSide] = ["Left": .left, "Right": .right]
}
