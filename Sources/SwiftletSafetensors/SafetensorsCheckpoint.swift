import SwiftletSystem

/// The weights of a model directory, one file or many, with one lookup by name over all of them.
///
/// Immutable, and safe to share between threads.
///
/// Looks for `model.safetensors`, then for `model.safetensors.index.json` and its shards, as
/// transformers does. In a sharded checkpoint the index decides which tensors there are; others
/// that a shard holds are passed over.
public final class SafetensorsCheckpoint: Sendable {
  /// One, or the shards in the order of their names.
  public let files: [SafetensorsFile]
  /// Of all files; in the order of their data within each.
  public let tensors: [TensorInfo]

  private let fileIndices: [ExactName: Int]

  /// Opens the weights in `directory`, and checks every file in full.
  ///
  /// - Throws: `noWeights`, which says what was looked for, or `pickleCheckpoint` or
  ///   `foreignCheckpoint`, which say how to convert what there is; for an index
  ///   that isn't honest `invalidIndex`, `invalidShardName`, `missingShards`, `tensorNotInShard`;
  ///   and what ``SafetensorsFile`` throws.
  public init(
    directory: String,
    loading: SafetensorsFile.Loading = .mapped
  ) throws(SafetensorsError) {
    let directory = directory.hasSuffix("/") ? directory : directory + "/"
    if let file = try Self.openIfPresent(directory + Self.singleName, loading: loading) {
      self.files = [file]
      self.tensors = file.tensors
      self.fileIndices = Dictionary(
        file.tensors.map { (ExactName($0.name), 0) },
        uniquingKeysWith: { first, _ in first }
      )
      return
    }
    guard let index = try ShardIndex(path: directory + Self.indexName) else {
      throw Self.explainAbsence(directory)
    }
    let shards = try index.openShards(directory: directory, loading: loading)
    self.files = shards.files
    self.fileIndices = shards.fileIndices
    self.tensors = shards.files.enumerated().flatMap { position, file in
      file.tensors.filter { shards.fileIndices[ExactName($0.name)] == position }
    }
  }

  private static let singleName = "model.safetensors"
  private static let indexName = "model.safetensors.index.json"
  private static let pickleNames = ["pytorch_model.bin", "pytorch_model.bin.index.json"]

  private static func explainAbsence(_ directory: String) -> SafetensorsError {
    if let name = pickleNames.first(where: { FileStatus.exists(directory + $0) }) {
      return .pickleCheckpoint(file: directory + name)
    }
    for format in ForeignFormat.allCases {
      if let name = format.fileNames.first(where: { FileStatus.exists(directory + $0) }) {
        return .foreignCheckpoint(file: directory + name, format: format)
      }
    }
    return .noWeights(
      directory: directory,
      lookedFor: [singleName, indexName] + pickleNames
        + ForeignFormat.allCases.compactMap(\.fileNames.first)
    )
  }

  /// Nil if there is no such file; whatever else is wrong is an error.
  static func openIfPresent(
    _ path: String,
    loading: SafetensorsFile.Loading
  ) throws(SafetensorsError) -> SafetensorsFile? {
    do throws(SafetensorsError) {
      return try SafetensorsFile(path: path, loading: loading)
    } catch {
      if case .fileNotFound = error { return nil }
      throw error
    }
  }

  // MARK: Lookup

  /// The file that holds the tensor of that name, byte for byte; nil if none does.
  public func file(holding name: String) -> SafetensorsFile? {
    fileIndices[ExactName(name)].map { files[$0] }
  }

  /// The tensor of that name, byte for byte; nil if there is none.
  public func tensor(_ name: String) -> TensorInfo? { file(holding: name)?.tensor(name) }

  /// As ``SafetensorsFile/floats(_:)``.
  public func floats(_ name: String) throws(SafetensorsError) -> [Float] {
    try requireFile(name).floats(name)
  }

  /// As ``SafetensorsFile/integers(_:)``.
  public func integers(_ name: String) throws(SafetensorsError) -> [Int64] {
    try requireFile(name).integers(name)
  }

  /// As ``SafetensorsFile/withBytes(of:_:)``.
  public func withBytes<Result>(
    of name: String,
    _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(SafetensorsError) -> Result {
    try requireFile(name).withBytes(of: name, body)
  }

  /// The tensor of that name together with the file that holds it.
  package func stored(_ name: String) -> StoredTensor? {
    guard let file = file(holding: name), let info = file.tensor(name) else { return nil }
    return StoredTensor(file: file, info: info)
  }

  private func requireFile(_ name: String) throws(SafetensorsError) -> SafetensorsFile {
    if let file = file(holding: name) { return file }
    let paths = files.map(\.path).joined(separator: ", ")
    throw .tensorNotFound(file: paths, tensor: name)
  }
}
