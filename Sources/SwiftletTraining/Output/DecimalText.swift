/// Numbers for reports, with a fixed count of decimals.
enum DecimalText {
  /// Rounds half away from zero; numbers that are not finite become a dash.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    var power = 1.0
    for _ in 0..<decimals { power *= 10 }
    let scaled = (abs(value) * power).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let digits = String(Int(scaled))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + digits }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  static func fixed(_ value: Double?, _ decimals: Int) -> String {
    value.map { fixed($0, decimals) } ?? "–"
  }

  /// At most four decimals, without zeros at the end.
  static func short(_ value: Double) -> String {
    var text = fixed(value, 4)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  static func percent(_ value: Double) -> String { fixed(value * 100, 1) + " %" }

  /// A number with commas between groups of three digits.
  static func grouped(_ value: Int) -> String {
    var text = ""
    let digits = String(value.magnitude)
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  /// A duration such as `1 h 02 min` or `48 s`.
  static func duration(_ seconds: Double) -> String {
    let total = Int(max(0, min(seconds, 1e12)).rounded())
    if total < 60 { return "\(total) s" }
    let minutes = total / 60
    if minutes < 60 { return "\(minutes) min \(total % 60) s" }
    return "\(minutes / 60) h \(minutes % 60) min"
  }
}
