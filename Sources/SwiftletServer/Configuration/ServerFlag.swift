#if Server
/// A setting of the server: a flag, and the environment variable of the same name in capitals with
/// underscores.
///
/// The command line, the environment and ``ServerConfiguration/check()`` walk ``all``. It is the
/// only place for names, ranges and help texts; the defaults are those of ``ServerConfiguration``.
package struct ServerFlag: Sendable {
  /// Reads the setting into the configuration, which keeps its value if the setting is not given.
  typealias Read =
    @Sendable (
      inout ServerConfiguration, inout ServerSettings
    ) throws(SettingsError) -> Void
  typealias Field<Value> = any WritableKeyPath<ServerConfiguration, Value> & Sendable

  /// The flag without its dashes.
  package let name: String
  package let valueName: String
  /// The help text with the default; nil hides the flag.
  package let help: String?
  /// Whether the flag without a value means `true`.
  package let isSwitch: Bool
  let read: Read
  /// Why the configuration's value is not allowed; nil if it is.
  let problem: @Sendable (ServerConfiguration) -> SettingsError?

  init(
    _ name: String, _ valueName: String = "", _ help: String? = nil, isSwitch: Bool = false,
    problem: @escaping @Sendable (ServerConfiguration) -> SettingsError? = { _ in nil },
    read: @escaping Read = { _, _ in }
  ) {
    self.name = name
    self.valueName = valueName
    self.help = help
    self.isSwitch = isSwitch
    self.problem = problem
    self.read = read
  }

  /// A setting whose default is the configuration's.
  init<Value: Sendable>(
    _ name: String, _ valueName: String, _ help: String, _ field: Field<Value>,
    _ format: SettingFormat<Value>
  ) {
    self.init(
      name, valueName, "\(help) Default: \(format.text(Self.defaults[keyPath: field])).",
      isSwitch: Value.self == Bool.self, problem: { format.problem($0[keyPath: field], of: name) }
    ) { (configuration, settings) throws(SettingsError) in
      if let value = try settings.value(name, format) { configuration[keyPath: field] = value }
    }
  }

  /// A setting that may have no value; the help text names the default.
  init<Value: Sendable>(
    _ name: String, _ valueName: String, _ help: String, optional field: Field<Value?>,
    _ format: SettingFormat<Value>
  ) {
    self.init(
      name, valueName, help,
      problem: { $0[keyPath: field].flatMap { format.problem($0, of: name) } }
    ) { (configuration, settings) throws(SettingsError) in
      if let value = try settings.value(name, format) { configuration[keyPath: field] = value }
    }
  }

  static let defaults = ServerConfiguration(modelDirectory: "")
}
#endif
