import SwiftletJSON

/// Writes the `config.json` of a quantised model: the original with a `quantization_config`,
/// because of which other programs do not misread the weights.
enum QuantizedConfiguration {
  private static let key = "quantization_config"
  private static let value = #"{"quant_method": "swiftlet-int8", "bits": 8, "version": 1}"#

  static func text(
    from bytes: UnsafeBufferPointer<UInt8>, path: String
  ) throws(SwiftletError) -> [UInt8] {
    do throws(JSONError) {
      var members = try JSONValue.rawMembers(of: bytes).filter { $0.key != key }
      members.append((key, .raw(Array(value.utf8))))
      return JSONValue.object(members).document
    } catch {
      throw .invalidModel(reason: "\(path) is not a valid configuration: \(error.description)")
    }
  }

  private static func rewritten(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> [UInt8] {
    var text = Array("{\n".utf8)
    var reader = try JSONReader(bytes, rules: .python)
    var object = try reader.beginObject()
    while let name = try reader.nextKey(in: &object) {
      let name = name.string
      _ = try reader.peek()
      let start = reader.offset
      try reader.skipValue()
      if name == key { continue }
      append(name, bytes[start..<reader.offset], to: &text)
      text += ",\n".utf8
    }
    try reader.finish()
    append(key, value.utf8, to: &text)
    text += "\n}\n".utf8
    return text
  }

  private static func append(
    _ name: String, _ value: some Sequence<UInt8>, to text: inout [UInt8]
  ) {
    text += "  ".utf8
    JSONWriter.append(string: name, to: &text)
    text += ": ".utf8
    text += value
  }
}
