#if Server
/// The values that a setting may have, and their texts.
package struct SettingFormat<Value: Sendable>: Sendable {
  /// What a value must be, for errors.
  let expected: String
  /// Returns nil for a text that is not a value.
  let parse: @Sendable (String) -> Value?
  var allows: @Sendable (Value) -> Bool = { _ in true }
  var text: @Sendable (Value) -> String = { "\($0)" }

  /// Why a value is not allowed; nil if it is.
  func problem(_ value: Value, of name: String) -> SettingsError? {
    allows(value) ? nil : .invalid(source: "--\(name)", value: text(value), expected: expected)
  }
}

extension SettingFormat<String> {
  static let text = SettingFormat(expected: "a text", parse: { $0 })
  /// An empty key would allow every client.
  static let key = SettingFormat(
    expected: "a key that is not empty", parse: { $0 }, allows: { !$0.isEmpty })
}

extension SettingFormat<Bool> {
  package static let bool = SettingFormat(expected: "true or false") { text in
    switch text.lowercased() {
    case "true", "1", "yes": true
    case "false", "0", "no": false
    default: nil
    }
  }
}

extension SettingFormat<Int> {
  /// At least 1.
  static let count = integer(in: 1...Int.max)

  static func integer(in range: ClosedRange<Int>) -> SettingFormat {
    let expected =
      range.upperBound == .max
      ? "a whole number of at least \(range.lowerBound)"
      : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    return SettingFormat(
      expected: expected, parse: { Int($0) }, allows: { range.contains($0) })
  }
}

extension SettingFormat<Double> {
  /// Up to a day, with a fraction if need be.
  static func seconds(orZero allowsZero: Bool = false) -> SettingFormat {
    SettingFormat(
      expected: "a number of seconds \(allowsZero ? "from 0 to" : "above 0, and at most") 86400",
      parse: { Double($0) },
      allows: { ($0 > 0 || allowsZero && $0 == 0) && $0 <= 86_400 },
      text: { $0.shortText })
  }
}

extension SettingFormat where Value: RawRepresentable<String> & CaseIterable {
  static var choice: SettingFormat {
    SettingFormat(
      expected: Value.allCases.map(\.rawValue).joined(separator: ", "),
      parse: { Value(rawValue: $0) })
  }
}
#endif
