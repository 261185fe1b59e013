/// JSON of the input, written again as a part of one line of output.
enum JSONLineText {
  /// Returns `source`, a JSON value without white space between its parts.
  ///
  /// `NaN` and the infinities, which Python writes and JSON does not have, become `null`. Characters
  /// at which some readers end a line become escapes, as in all output.
  static func bytes(of source: String) -> [UInt8] {
    var source = source
    return source.withUTF8 { utf8 in
      var line: [UInt8] = []
      line.reserveCapacity(utf8.count)
      var index = 0
      while index < utf8.count {
        index =
          utf8[index] == UInt8(ascii: "\"")
          ? appendString(utf8, from: index, to: &line) : appendOther(utf8, at: index, to: &line)
      }
      return line
    }
  }

  /// Appends the byte at `index`, outside of strings, or what replaces it; returns the next index.
  private static func appendOther(
    _ utf8: UnsafeBufferPointer<UInt8>, at index: Int, to line: inout [UInt8]
  ) -> Int {
    let byte = utf8[index]
    switch byte {
    case UInt8(ascii: "N"): return appendNull(skipping: "NaN", at: index, to: &line)
    case UInt8(ascii: "I"): return appendNull(skipping: "Infinity", at: index, to: &line)
    case UInt8(ascii: "-") where index + 1 < utf8.count && utf8[index + 1] == UInt8(ascii: "I"):
      return appendNull(skipping: "-Infinity", at: index, to: &line)
    default:
      line.append(byte)
      return index + 1
    }
  }

  private static func appendNull(
    skipping word: StaticString, at index: Int, to line: inout [UInt8]
  ) -> Int {
    line += "null".utf8
    return index + word.utf8CodeUnitCount
  }

  /// Appends the string that starts at `index`; returns the index after its closing quote.
  private static func appendString(
    _ utf8: UnsafeBufferPointer<UInt8>, from start: Int, to line: inout [UInt8]
  ) -> Int {
    var end = start + 1
    while end < utf8.count, utf8[end] != UInt8(ascii: "\"") {
      end += utf8[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    end = min(end + 1, utf8.count)
    let string = String(decoding: utf8[start..<end], as: UTF8.self)
    for scalar in string.unicodeScalars {
      if let escape = escape(of: scalar) {
        line += escape.utf8
      } else {
        line += UTF8.encode(scalar) ?? .init()
      }
    }
    return end
  }

  private static func escape(of scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x7F: "\\u007f"
    case 0x80...0x9F: "\\u00" + String(scalar.value, radix: 16)
    case 0x2028, 0x2029: "\\u" + String(scalar.value, radix: 16)
    default: nil
    }
  }
}
