#if Server
/// The flags of the command line and the environment variables, by name. A flag overrides its
/// variable, whose name is the flag's in capitals with underscores.
package struct ServerSettings: Sendable {
  /// A value, and the flag or variable that has it.
  package struct Setting: Sendable {
    package let source: String
    package let value: String
  }

  private let flags: [String: [String]]
  private let environment: @Sendable (String) -> String?
  /// Settings that were accepted but have no effect; for the log.
  package private(set) var warnings: [String] = []

  /// Creates the settings; `flags` has the values of each flag that was given, by its name without
  /// dashes.
  package init(
    flags: [String: [String]], environment: @escaping @Sendable (String) -> String?
  ) {
    self.flags = flags
    self.environment = environment
  }

  /// All values of a setting; commas separate those of a variable.
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

  /// The value of a setting, the last one if a flag is repeated. Shells and containers set empty
  /// variables, so they count as missing.
  package func one(_ name: String) -> Setting? {
    if let value = flags[name]?.last { return Setting(source: "--\(name)", value: value) }
    let variable = Self.variable(name)
    guard let value = environment(variable), !value.isEmpty else { return nil }
    return Setting(source: variable, value: value)
  }

  /// Whether the variable is set, but empty, and the flag is not given.
  package func isEmptyVariable(_ name: String) -> Bool {
    flags[name] == nil && environment(Self.variable(name)) == ""
  }

  package static func variable(_ name: String) -> String {
    String(name.uppercased().map { $0 == "-" ? "_" : $0 })
  }

  /// The value of a variable that has no flag.
  package func value(ofVariable name: String) -> String? { environment(name) }

  package mutating func warn(_ text: String) { warnings.append(text) }

  package func text(_ name: String) -> String? { one(name)?.value }

  /// The value of a setting; nil if it is not given.
  package func value<Value>(
    _ name: String, _ format: SettingFormat<Value>
  ) throws(SettingsError) -> Value? {
    guard let setting = one(name) else { return nil }
    guard let value = format.parse(setting.value), format.allows(value) else {
      throw .invalid(source: setting.source, value: setting.value, expected: format.expected)
    }
    return value
  }
}
#endif
