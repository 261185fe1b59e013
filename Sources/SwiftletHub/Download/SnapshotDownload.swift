#if Hub
import Swiftlet

/// The download of the files that a model needs, in three steps: the settings, those of its modules, and
/// the weights, after the settings have shown that Swiftlet supports the model.
struct SnapshotDownload: Sendable {
  private let connection: HubConnection
  private let cache: HubCache
  private let repository: RepositoryName
  private let revision: Revision

  init(_ connection: HubConnection, _ repository: RepositoryName, _ revision: Revision) {
    self.connection = connection
    self.repository = repository
    self.revision = revision
    cache = HubCache(connection.settings, repository)
  }

  /// Returns the folder of the snapshot, with all files that the model needs.
  func run() async throws(HubError) -> String {
    let source = try await SnapshotSource.find(connection, cache, repository, revision)
    guard let listing = source.listing else {
      // Downloaded by a program that kept no list: loading the model shows whether it is complete.
      return cache.snapshot(source.commit)
    }
    let files = SnapshotFiles(connection, cache, repository, source)
    let selection = ModelFilesSelection(listing)
    try await files.fetch(selection.settings)
    let model = try SnapshotModel(cache.snapshot(source.commit))
    for module in model.modules { try await files.fetch(selection.settings(ofModule: module)) }
    try model.check(repository, selection)
    var weights: [String] = []
    for folder in model.weightFolders {
      weights += try await self.weights(in: folder, selection, files, of: source.commit)
    }
    try await files.fetch(weights)
    return cache.snapshot(source.commit)
  }

  /// The paths of the weights in a folder of the model; downloads the index that lists them.
  private func weights(
    in folder: String, _ selection: ModelFilesSelection, _ files: SnapshotFiles, of commit: Commit
  ) async throws(HubError) -> [String] {
    switch selection.weights(in: folder) {
    case .files(let paths): return paths
    case .index(let path):
      try await files.fetch([path])
      let index = cache.file(try RepositoryFile(path), of: commit)
      return try WeightsIndex.files(index).map { ModelFilesSelection.path($0, in: folder) }
    case nil:
      let found = selection.otherWeights
      throw .noModel(
        repository: repository.description,
        reason: "expected model.safetensors, pytorch_model.bin or onnx/model.onnx"
          + (folder.isEmpty ? "" : " in the folder \(folder)") + ", found "
          + (found.isEmpty ? "no weights" : found.prefix(4).joined(separator: ", ")))
    }
  }
}
#endif
