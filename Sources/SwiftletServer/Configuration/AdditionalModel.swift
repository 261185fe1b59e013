#if Server
/// A model that a server serves beside its first one. All settings of ``ServerConfiguration`` that
/// are not about one model's files and names apply to it too.
public struct AdditionalModel: Sendable, Equatable {
  /// The model's directory.
  public var directory: String
  /// The name in paths, in `model` of the OpenAI routes, and in metrics.
  public var name: String
  /// The `model_id` that `/info` returns; by default the directory.
  public var modelID: String
  /// The `model_sha` that `/info` returns.
  public var revision: String?

  /// Creates a description of a model, whose name is its directory unless another one is given.
  public init(directory: String, name: String? = nil) {
    self.directory = directory
    self.name = name ?? directory
    modelID = directory
  }
}

extension ServerConfiguration {
  /// The configuration of each model, in order: this one with the model's directory and names.
  var models: [ServerConfiguration] {
    var first = self
    first.additionalModels = []
    return [first]
      + additionalModels.map { model in
        var configuration = first
        configuration.modelDirectory = model.directory
        configuration.servedModelName = model.name
        configuration.modelID = model.modelID
        configuration.revision = model.revision
        return configuration
      }
  }

  /// The names of the models, in order.
  var modelNames: [String] { [servedModelName] + additionalModels.map(\.name) }

  /// Checks that the names of several models can be told apart in paths. The name of a single model
  /// may be any text.
  func checkModelNames() throws(SettingsError) {
    guard !additionalModels.isEmpty else { return }
    var known: Set<String> = []
    for name in modelNames {
      if let problem = Self.problem(ofName: name) {
        throw .invalid(source: "the name of a model", value: name, expected: problem)
      }
      guard known.insert(name).inserted else {
        throw .conflict(
          reason: "two models have the name \"\(name)\"; give them names of their own with"
            + " --model-id name=path")
      }
    }
  }

  /// Maximum length of a model's name in bytes.
  private static let maxNameLength = 256

  /// What a name must be; nil if it is.
  private static func problem(ofName name: String) -> String? {
    guard !name.isEmpty, name.utf8.count <= maxNameLength else {
      return "a text of 1 to \(maxNameLength) bytes; write --model-id name=path"
    }
    guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { return "a text without control characters; write --model-id name=path" }
    for ending in Route.modelEndings where !ending.isEmpty && name.hasSuffix(ending) {
      return "a text that does not end with \(ending), which is a route; write --model-id name=path"
    }
    return nil
  }
}
#endif
