/// Writes JSON strings; the caller writes the structure around them.
package enum JSONWriter {
  /// Appends `text` in quotes, escaping quotes, backslashes, control characters (C0, DEL, C1) and
  /// the separators U+2028 and U+2029, in the short form where there is one.
  ///
  /// RFC 8259 requires fewer escapes. The additional ones keep a value on one line for every
  /// reader: Python's `str.splitlines` also ends a line at U+0085, U+2028 and U+2029.
  package static func append(string text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      var copied = 0
      var index = 0
      while index < utf8.count {
        guard let (scalar, length) = escaped(utf8, at: index) else {
          index += 1
          continue
        }
        bytes.append(contentsOf: utf8[copied..<index])
        append(escape: scalar, to: &bytes)
        index += length
        copied = index
      }
      bytes.append(contentsOf: utf8[copied...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Returns the scalar at `index` and its length in UTF-8 if it must be escaped.
  private static func escaped(
    _ utf8: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> (scalar: UInt16, length: Int)? {
    let byte = utf8[index]
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20, 0x7F:
      return (UInt16(byte), 1)
    case 0xC2 where utf8[index + 1] < 0xA0:
      // The second byte of U+0080 to U+00BF is the scalar's own value.
      return (UInt16(utf8[index + 1]), 2)
    case 0xE2 where utf8[index + 1] == 0x80 && utf8[index + 2] & 0xFE == 0xA8:
      return (0x2000 | UInt16(utf8[index + 2] & 0x3F), 3)
    default: return nil
    }
  }

  private static func append(escape scalar: UInt16, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\\"))
    switch scalar {
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case 0x22, 0x5C: bytes.append(UInt8(truncatingIfNeeded: scalar))
    default:
      bytes.append(UInt8(ascii: "u"))
      for shift in [12, 8, 4, 0] {
        let digit = UInt8(truncatingIfNeeded: scalar >> UInt16(shift)) & 0xF
        bytes.append(digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
      }
    }
  }
}
