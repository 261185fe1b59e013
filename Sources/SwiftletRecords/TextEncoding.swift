/// The character encoding of a file.
package enum TextEncoding: String, Sendable, Equatable, CaseIterable {
  case utf8 = "utf-8"
  /// UTF-16 in the byte order of its byte order mark, little-endian without one.
  case utf16 = "utf-16"
  case utf16LittleEndian = "utf-16le"
  case utf16BigEndian = "utf-16be"
  /// ISO 8859-1, whose bytes are code points.
  case latin1
  /// Windows-1252, which leaves five bytes undefined.
  case cp1252

  /// Returns the encoding for a name as Python and iconv spell it, in any case.
  package init?(name: String) {
    let letters = name.lowercased().unicodeScalars.filter { $0 != "-" && $0 != "_" }
    switch String(String.UnicodeScalarView(letters)) {
    case "utf8": self = .utf8
    case "utf16": self = .utf16
    case "utf16le": self = .utf16LittleEndian
    case "utf16be": self = .utf16BigEndian
    case "latin1", "iso88591": self = .latin1
    case "cp1252", "windows1252": self = .cp1252
    default: return nil
    }
  }

  /// The name in a sentence.
  var name: String {
    switch self {
    case .latin1: "Latin-1"
    case .cp1252: "Windows-1252"
    default: rawValue.uppercased()
    }
  }

  /// The encoding and the length of the byte order mark at the beginning of a file; nil without one.
  static func mark(
    of bytes: UnsafeBufferPointer<UInt8>
  ) -> (encoding: TextEncoding, count: Int)? {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
    if bytes.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
    if bytes.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
    return nil
  }

  /// Returns whether more bytes may complete a byte order mark of UTF-8, UTF-16 or UTF-32.
  static func mayBeginMark(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let marks: [[UInt8]] = [
      [0xEF, 0xBB, 0xBF], [0xFF, 0xFE, 0, 0], [0xFE, 0xFF], [0, 0, 0xFE, 0xFF],
    ]
    return marks.contains { bytes.count < $0.count && $0.starts(with: bytes) }
  }
}

/// An encoding that contradicts the first bytes of a file.
package enum EncodingMismatch: Sendable, Equatable {
  /// The file has the byte order mark of another encoding.
  case mark(TextEncoding)
  /// The first bytes are ASCII characters of one byte each.
  case ascii
  /// The file has zero bytes, as UTF-16 without a byte order mark.
  case zeros(TextEncoding)

  func description(of given: TextEncoding) -> String {
    switch self {
    case .mark(let found):
      "the file begins with the byte order mark of \(found.name), so it is not \(given.name);"
        + " leave out --encoding \(given.rawValue)"
    case .ascii:
      "the file begins with ASCII characters of one byte each, so it is not \(given.name);"
        + " leave out --encoding \(given.rawValue)"
    case .zeros(let found):
      "the file looks like \(found.name), not \(given.name);"
        + " give --encoding \(found.rawValue)"
    }
  }
}
