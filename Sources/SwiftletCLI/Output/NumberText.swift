/// Numbers for people to read, the same in every locale.
enum NumberText {
  /// `value` with exactly `digits` digits after the point, halves away from zero: `3.14`.
  static func fixed(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let units = UInt64(scaled)
    let sign = value < 0 && units > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(units) }
    let divisor = UInt64(scale)
    let fraction = String(units % divisor)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(units / divisor).\(zeros)\(fraction)"
  }

  /// A share of one in percent: `99.87%`.
  static func percent(_ share: Double, digits: Int = 2) -> String {
    fixed(share * 100, digits: digits) + "%"
  }

  /// A count with separators between thousands: `66,955,010`.
  static func grouped(_ count: Int) -> String {
    let digits = Array(String(count.magnitude))
    var text = count < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// A size in decimal units, as `ls --si` shows them: `45.4 MB`.
  static func size(bytes: Int) -> String {
    guard bytes >= 1000 else { return "\(bytes) B" }
    var value = Double(bytes)
    var unit = ""
    for next in ["kB", "MB", "GB", "TB", "PB", "EB"] {
      value /= 1000
      unit = next
      if value < 999.95 { break }
    }
    return "\(fixed(value, digits: 1)) \(unit)"
  }

  /// A time span in short form: `0.4 s`, `12 s`, `3:07`, `1:02:45`.
  static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "-" }
    guard seconds >= 9.95 else { return fixed(max(seconds, 0), digits: 1) + " s" }
    let whole = Int(seconds.rounded())
    guard whole >= 60 else { return "\(whole) s" }
    let tail = whole >= 3600 ? "\(twoDigits(whole / 60 % 60)):" : ""
    let head = whole >= 3600 ? whole / 3600 : whole / 60
    return "\(head):\(tail)\(twoDigits(whole % 60))"
  }

  /// A time span with units: `0.4s`, `12s`, `4m10s`, `1h02m`, `3d04h`.
  static func span(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "-" }
    guard seconds >= 9.95 else { return fixed(max(seconds, 0), digits: 1) + "s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole)s" }
    if whole < 3600 { return "\(whole / 60)m\(twoDigits(whole % 60))s" }
    if whole < 86_400 { return "\(whole / 3600)h\(twoDigits(whole / 60 % 60))m" }
    return "\(whole / 86_400)d\(twoDigits(whole / 3600 % 24))h"
  }

  /// At most `digits` digits after the point, without zeros at the end: `3`, `1.5`.
  static func short(_ value: Double, digits: Int) -> String {
    var text = fixed(value, digits: digits)
    guard text.contains(".") else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// `digits` significant digits, in scientific form where a plain number would be long: `1.9`, `23`,
  /// `3.1e-5`.
  static func rounded(_ value: Double, digits: Int) -> String {
    let size = value.magnitude
    guard size > 0, size.isFinite else { return short(value, digits: 0) }
    guard size >= 0.01, size < 1e6 else { return scientific(value, digits: digits) }
    var (whole, rest) = (0, size)
    while rest >= 1 { (whole, rest) = (whole + 1, rest / 10) }
    return short(value, digits: max(0, digits - whole))
  }

  /// `digits` significant digits and a power of ten: `3.1e-5`, `5e-5`; `0` for zero.
  static func scientific(_ value: Double, digits: Int = 2) -> String {
    guard value != 0, value.isFinite else { return short(value, digits: 0) }
    var (mantissa, exponent) = (value, 0)
    while mantissa.magnitude >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa.magnitude < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    var text = short(mantissa, digits: digits - 1)
    // 9.96 rounds to 10.
    if text == "10" || text == "-10" {
      text.removeLast()
      exponent += 1
    }
    return "\(text)e\(exponent)"
  }

  /// A rate per second, in three digits below 1,000: `7.25`, `84.1`, `1,204`.
  static func rate(_ perSecond: Double) -> String {
    guard perSecond.isFinite, perSecond < 1e15 else { return "-" }
    if perSecond < 10 { return fixed(perSecond, digits: 2) }
    if perSecond < 100 { return fixed(perSecond, digits: 1) }
    return grouped(Int(perSecond.rounded()))
  }

  private static func twoDigits(_ value: Int) -> String {
    value < 10 ? "0\(value)" : "\(value)"
  }
}
