#if Server
/// What the command line and the environment say, by name: a flag counts over its variable, which is
/// called as the flag is, in capitals with underscores.
package struct ServerSettings: Sendable {
  /// A value and where it stands.
  package struct Setting: Sendable {
    package let source: String
    package let value: String
  }

  private let flags: [String: [String]]
  private let environment: @Sendable (String) -> String?
  /// What was accepted but means nothing here; for the log.
  package private(set) var warnings: [String] = []

  /// `flags` has the values of each flag that was given, by its name without dashes.
  package init(
    flags: [String: [String]], environment: @escaping @Sendable (String) -> String?
  ) {
    self.flags = flags
    self.environment = environment
  }

  // MARK: Looking up

  /// All values of a setting; a variable holds several with commas between them.
  package func all(_ name: String) -> [Setting] {
    if let values = flags[name], !values.isEmpty {
      return values.map { Setting(source: "--\(name)", value: $0) }
    }
    let variable = Self.variable(name)
    guard let text = environment(variable), !text.isEmpty else { return [] }
    return text.split(separator: ",").map { part in
      var value = part.drop { $0 == " " }
      while value.last == " " { value.removeLast() }
      return Setting(source: variable, value: String(value))
    }
  }

  /// The one value of a setting. An empty variable counts as none, as shells and containers set it.
  package func one(_ name: String) -> Setting? {
    if let value = flags[name]?.last { return Setting(source: "--\(name)", value: value) }
    let variable = Self.variable(name)
    guard let value = environment(variable), !value.isEmpty else { return nil }
    return Setting(source: variable, value: value)
  }

  /// Whether a variable is there but holds nothing.
  package func isEmptyVariable(_ name: String) -> Bool {
    flags[name] == nil && environment(Self.variable(name)) == ""
  }

  package static func variable(_ name: String) -> String {
    String(name.uppercased().map { $0 == "-" ? "_" : $0 })
  }

  /// What a variable holds that has no flag.
  package func value(ofVariable name: String) -> String? { environment(name) }

  package mutating func warn(_ text: String) { warnings.append(text) }

  // MARK: Values

  package func text(_ name: String) -> String? { one(name)?.value }

  package func integer(_ name: String, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
    guard let setting = one(name) else { return nil }
    guard let value = Int(setting.value), range.contains(value) else {
      throw .invalid(
        source: setting.source, value: setting.value,
        expected: range.upperBound == .max
          ? "a whole number of at least \(range.lowerBound)"
          : "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Seconds, with a fraction if need be.
  package func seconds(_ name: String) throws(SettingsError) -> Double? {
    guard let setting = one(name) else { return nil }
    guard let value = Double(setting.value), value > 0, value <= 86400 else {
      throw .invalid(
        source: setting.source, value: setting.value,
        expected: "a number of seconds above 0, and at most 86400")
    }
    return value
  }

  package func bool(_ name: String) throws(SettingsError) -> Bool? {
    guard let setting = one(name) else { return nil }
    switch setting.value.lowercased() {
    case "true", "1", "yes": return true
    case "false", "0", "no": return false
    default:
      throw .invalid(source: setting.source, value: setting.value, expected: "true or false")
    }
  }

  package func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, as type: Choice.Type = Choice.self
  ) throws(SettingsError) -> Choice? {
    guard let setting = one(name) else { return nil }
    guard let choice = Choice(rawValue: setting.value) else {
      throw .invalid(
        source: setting.source, value: setting.value,
        expected: Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }
}
#endif
