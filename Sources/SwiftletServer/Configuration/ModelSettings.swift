#if Server
import SwiftletSystem

/// The models that `--model-id` names: `path`, `org/name` or `name=path`, once for each model.
struct ModelSettings {
  struct Choice {
    /// The name before the `=`; nil if there is none.
    let name: String?
    /// A directory, or a model that the caller downloads.
    let location: String
  }

  let choices: [Choice]

  /// Reads the settings; there are no choices if they name no model.
  ///
  /// - Throws: ``SettingsError`` for a location that is neither a directory nor a repository, and
  ///   for settings of a single model beside several models.
  init(
    _ settings: ServerSettings, isRepository: (String) -> Bool
  ) throws(SettingsError) {
    choices = try Self.given(settings).map { (setting) throws(SettingsError) in
      try Self.choice(setting, isRepository)
    }
    for name in ["served-model-name", "revision"] where choices.count > 1 {
      guard let setting = settings.one(name) else { continue }
      throw .conflict(
        reason: "\(setting.source) is for a single model, and \(choices.count) are given; write"
          + " --model-id name=path or --model-id org/name@revision")
    }
    if let name = choices.first?.name, let setting = settings.one("served-model-name") {
      throw .conflict(
        reason: "--model-id names the model \"\(name)\", and \(setting.source) names it"
          + " \"\(setting.value)\"; leave one out")
    }
  }

  /// The values of the flags, or those of the variable: one path, even with commas in it, or several
  /// that commas separate.
  private static func given(_ settings: ServerSettings) -> [ServerSettings.Setting] {
    guard let one = settings.one("model-id") else { return [] }
    return isFolder(one.value) && !one.source.hasPrefix("--") ? [one] : settings.all("model-id")
  }

  private static func choice(
    _ setting: ServerSettings.Setting, _ isRepository: (String) -> Bool
  ) throws(SettingsError) -> Choice {
    // A directory may have an equals sign in its path.
    var choice = Choice(name: nil, location: setting.value)
    if !isFolder(setting.value), let sign = setting.value.firstIndex(of: "=") {
      let location = setting.value[setting.value.index(after: sign)...]
      choice = Choice(name: String(setting.value[..<sign]), location: String(location))
      guard choice.name?.isEmpty == false else {
        throw .invalid(
          source: setting.source, value: setting.value, expected: "path or name=path")
      }
    }
    guard isFolder(choice.location) || isRepository(choice.location) else {
      throw .noModel(source: setting.source, value: choice.location)
    }
    return choice
  }

  private static func isFolder(_ path: String) -> Bool {
    (try? FileStatus.isFolder(path)) == true
  }
}
#endif
