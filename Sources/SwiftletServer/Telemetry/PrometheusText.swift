#if Server
/// Pieces of Prometheus' text format, version 0.0.4.
enum PrometheusText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  enum Kind: String {
    case counter, gauge, histogram
  }

  /// The header lines of a family.
  static func head(_ name: String, _ kind: Kind, help: String?) -> String {
    let help = help.map { text in
      let escaped = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
      return "# HELP \(name) \(escaped)\n"
    }
    return (help ?? "") + "# TYPE \(name) \(kind.rawValue)\n"
  }

  /// A whole family of one series; empty if there is no value.
  static func family(_ name: String, _ kind: Kind, help: String, _ value: Double?) -> String {
    value.map { head(name, kind, help: help) + line(name, "", $0) + "\n" } ?? ""
  }

  static func line(_ name: String, _ labels: String, _ value: Double) -> String {
    "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(number(value))\n"
  }

  /// Whole numbers without a fraction, others with the digits that read back as the same number.
  static func number(_ value: Double) -> String {
    if let whole = Int64(exactly: value) { return String(whole) }
    if value.isNaN { return "NaN" }
    return value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : value.description
  }

  /// A valid name of a metric or a label, with underscores for other characters.
  static func name(_ text: String) -> String {
    var name = ""
    for scalar in text.unicodeScalars {
      let isLetter =
        scalar == "_" || scalar == ":" || scalar.isASCII && scalar.properties.isAlphabetic
      let isDigit = ("0"..."9").contains(scalar)
      if isDigit, name.isEmpty { name += "_" }
      name.unicodeScalars.append(isLetter || isDigit ? scalar : "_")
    }
    return name.isEmpty ? "_" : name
  }

  /// `name="value",…` with backslashes, quotes and line ends escaped.
  static func labels(_ dimensions: [(String, String)]) -> String {
    dimensions.map { label, value in
      var text = "\(name(label))=\""
      for character in value.unicodeScalars {
        switch character {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        default: text.unicodeScalars.append(character)
        }
      }
      return text + "\""
    }
    .joined(separator: ",")
  }
}
#endif
