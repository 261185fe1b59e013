#if Server
/// The models of a server, each in its current version.
struct ServedModels: Sendable {
  let shared: SharedResources
  /// In the order of the configuration.
  private(set) var all: [Serving]

  /// Creates the list from at least one model.
  init(_ shared: SharedResources, _ all: [Serving]) {
    precondition(!all.isEmpty)
    self.shared = shared
    self.all = all
  }

  /// The model of paths without a name.
  var first: Serving { all[0] }

  /// The model of a name; nil selects the first one.
  ///
  /// - Throws: ``ServerError/noModel(_:served:)``.
  func named(_ name: String?) throws(ServerError) -> Serving {
    guard let name else { return first }
    guard let serving = all.first(where: { $0.name == name }) else {
      throw .noModel(name, served: all.map(\.name))
    }
    return serving
  }

  /// Replaces the model with the same name by another version.
  mutating func replace(with version: Serving) {
    guard let place = all.firstIndex(where: { $0.name == version.name }) else { return }
    all[place] = version
  }
}
#endif
