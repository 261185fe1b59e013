import SwiftletSystem

/// The weights of a model directory, in one file or in shards, with one lookup by tensor name.
///
/// Opens `model.safetensors`, or else `model.safetensors.index.json` and its shards, as
/// transformers does. Tensors that a shard holds but the index does not list are ignored.
public final class SafetensorsCheckpoint: Sendable {
  /// The single file, or the shards sorted by name.
  public let files: [SafetensorsFile]
  /// The tensors of all files, in data order within each file.
  public let tensors: [TensorInfo]

  private let fileIndices: [ExactName: Int]

  /// Opens the weights in `directory` and checks the header of every file.
  ///
  /// - Throws: `noWeights`, which lists the names tried; `pickleCheckpoint` or `foreignCheckpoint`,
  ///   which describe the conversion; `invalidIndex`, `invalidShardName`, `missingShards` or
  ///   `tensorNotInShard` for an inconsistent index; and what ``SafetensorsFile`` throws.
  public init(
    directory: String, loading: SafetensorsFile.Loading = .mapped
  ) throws(SafetensorsError) {
    let directory = directory.hasSuffix("/") ? directory : directory + "/"
    if let file = try Self.openIfPresent(directory + Self.singleName, loading: loading) {
      self.files = [file]
      self.tensors = file.tensors
      self.fileIndices = Dictionary(
        file.tensors.map { (ExactName($0.name), 0) }, uniquingKeysWith: { first, _ in first })
      return
    }
    guard let index = try ShardIndex(path: directory + Self.indexName) else {
      throw Self.explainAbsence(directory)
    }
    let shards = try index.openShards(directory: directory, converting: { $0 }) {
      (path) throws(SafetensorsError) in
      try Self.openIfPresent(path, loading: loading)
    } holds: {
      $0.tensor($1) != nil
    }
    self.files = shards.files
    self.fileIndices = shards.fileIndices
    self.tensors = shards.files.enumerated().flatMap { position, file in
      file.tensors.filter { shards.fileIndices[ExactName($0.name)] == position }
    }
  }

  package static let singleName = "model.safetensors"
  package static let indexName = "model.safetensors.index.json"
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

  /// Opens a file; returns nil if it does not exist.
  private static func openIfPresent(
    _ path: String, loading: SafetensorsFile.Loading
  ) throws(SafetensorsError) -> SafetensorsFile? {
    do throws(SafetensorsError) {
      return try SafetensorsFile(path: path, loading: loading)
    } catch {
      if case .fileNotFound = error { return nil }
      throw error
    }
  }

  // MARK: Lookup

  /// Returns the file that holds a tensor, nil if there is none; names are compared byte for byte.
  public func file(holding name: String) -> SafetensorsFile? {
    fileIndices[ExactName(name)].map { files[$0] }
  }

  /// Returns the tensor with this name, nil if there is none; names are compared byte for byte.
  public func tensor(_ name: String) -> TensorInfo? { file(holding: name)?.tensor(name) }

  /// Reads a tensor as floats; see ``SafetensorsFile/floats(_:)``.
  public func floats(_ name: String) throws(SafetensorsError) -> [Float] {
    try requireFile(name).floats(name)
  }

  /// Reads a tensor as integers; see ``SafetensorsFile/integers(_:)``.
  public func integers(_ name: String) throws(SafetensorsError) -> [Int64] {
    try requireFile(name).integers(name)
  }

  /// Calls `body` with the stored bytes of a tensor; see ``SafetensorsFile/withBytes(of:_:)``.
  public func withBytes<Result>(
    of name: String, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(SafetensorsError) -> Result {
    try requireFile(name).withBytes(of: name, body)
  }

  /// Returns a tensor together with its memory; nil if there is no tensor with this name.
  package func stored(_ name: String) -> StoredTensor? { file(holding: name)?.stored(name) }

  private func requireFile(_ name: String) throws(SafetensorsError) -> SafetensorsFile {
    if let file = file(holding: name) { return file }
    let paths = files.map(\.path).joined(separator: ", ")
    throw .tensorNotFound(file: paths, tensor: name)
  }
}
