/// Rows of comma-separated values as RFC 4180 quotes them, with Unix line ends.
enum CSVText {
  static func append(row fields: [String], to bytes: inout [UInt8]) {
    for (index, field) in fields.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(field: field, to: &bytes)
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  private static func append(field: String, to bytes: inout [UInt8]) {
    guard needsQuotes(field) else {
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
  private static func needsQuotes(_ field: String) -> Bool {
    let utf8 = field.utf8
    return utf8.first == UInt8(ascii: " ") || utf8.last == UInt8(ascii: " ")
      || utf8.contains { byte in
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
      }
  }
}
