/// Rows of values between separators, quoted as in RFC 4180, with Unix line ends, as
/// `DataFrame.to_csv` of pandas writes them.
enum CSVText {
  static func append(
    row fields: [String], separator: UInt8 = UInt8(ascii: ","), to bytes: inout [UInt8]
  ) {
    for (index, field) in fields.enumerated() {
      if index > 0 { bytes.append(separator) }
      append(field: field, separator: separator, to: &bytes)
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  private static func append(field: String, separator: UInt8, to bytes: inout [UInt8]) {
    guard needsQuotes(field, separator: separator) else {
      bytes.append(contentsOf: field.utf8)
      return
    }
    bytes.append(UInt8(ascii: "\""))
    for byte in field.utf8 {
      if byte == UInt8(ascii: "\"") { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Spaces at the ends are quoted too, because some readers trim them.
  private static func needsQuotes(_ field: String, separator: UInt8) -> Bool {
    let utf8 = field.utf8
    return utf8.first == UInt8(ascii: " ") || utf8.last == UInt8(ascii: " ")
      || utf8.contains { byte in
        switch byte {
        case separator, UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
      }
  }
}
