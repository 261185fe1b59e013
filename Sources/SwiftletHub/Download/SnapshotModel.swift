#if Hub
import Swiftlet
import SwiftletCheckpoint

/// What the settings in a snapshot say about the model.
struct SnapshotModel {
  private let directory: String
  private let folder: ModelFolder

  /// Reads `modules.json`, if the model has one.
  ///
  /// - Throws: ``HubError/model(_:)``.
  init(_ directory: String) throws(HubError) {
    self.directory = directory
    do throws(SwiftletError) {
      folder = try ModelFolder(directory)
    } catch {
      throw .model(error)
    }
  }

  /// The folders of the modules that have settings, relative to the snapshot.
  var modules: [String] { folder.modules.map(\.name).filter { !$0.isEmpty } }

  /// The folders of the modules that have weights, relative to the snapshot; empty for the snapshot.
  var weightFolders: [String] {
    guard let transformer = folder.modules.first else { return [""] }
    return [transformer.name] + folder.modules.dropFirst().filter { $0.type == "Dense" }.map(\.name)
  }

  /// Throws if Swiftlet can't load the model, before its weights are downloaded.
  ///
  /// - Throws: ``HubError/noModel(repository:reason:)`` without a `config.json`; ``HubError/model(_:)``
  ///   for an architecture that Swiftlet does not support.
  func check(_ repository: RepositoryName, _ selection: ModelFilesSelection) throws(HubError) {
    let transformer = folder.modules.first?.name ?? ""
    let name = ModelFilesSelection.path("config.json", in: transformer)
    guard
      selection.settings.contains(name)
        || selection.settings(ofModule: transformer).contains(name)
    else {
      // An adapter has no config.json; the explanation of its folder says how to merge it.
      let isAdapter = selection.settings.contains("adapter_config.json")
      if isAdapter { try explainFolder() }
      let found = selection.otherWeights.prefix(4).joined(separator: ", ")
      throw .noModel(
        repository: repository.description,
        reason: "it has no \(name)" + (found.isEmpty ? "" : ", only \(found)"))
    }
    do throws(CheckpointError) {
      _ = try ModelConfiguration(path: "\(directory)/\(name)", labelled: false)
    } catch {
      throw .model(.unsupportedModel(reason: error.description))
    }
  }

  /// Throws the error that loading the folder would throw.
  private func explainFolder() throws(HubError) {
    do throws(SwiftletError) {
      _ = try ModelLocation(directory).folder()
    } catch {
      throw .model(error)
    }
  }
}
#endif
