package import SwiftletSafetensors

/// Reads tensors by their names in transformers, in any spelling, checks their shapes, and records which
/// of them were read.
package final class CheckpointReader {
  package let directory: String
  /// The version of ``QuantizedFormat``; nil for a checkpoint of floats.
  package let quantization: QuantizedFormat.Version?
  package let checkpoint: any TensorSource
  /// Whether int8 weights stay in the mapped file, whose pages processes share.
  package let sharesWeights: Bool
  let names: CheckpointNames
  private var unread: Set<[UInt8]>

  /// Opens the weights in a directory, in any format of ``CheckpointFiles``.
  package convenience init(
    directory: String, loading: SafetensorsFile.Loading, sharesWeights: Bool = false
  ) throws(CheckpointError) {
    try self.init(
      tensors: try CheckpointFiles.open(directory, loading: loading), directory: directory,
      sharesWeights: sharesWeights)
  }

  /// Reads tensors of any format; `directory` is for errors.
  ///
  /// - Throws: `unknownFormat`, `quantizedWeights` for another program's integers, `ambiguousTensor`.
  package init(
    tensors checkpoint: any TensorSource, directory: String, sharesWeights: Bool = false
  ) throws(CheckpointError) {
    self.directory = directory
    self.sharesWeights = sharesWeights
    self.checkpoint = checkpoint
    quantization = try QuantizedFormat.version(of: checkpoint, directory: directory)
    if quantization == nil, let found = ForeignQuantization(checkpoint) {
      throw .quantizedWeights(path: directory, found)
    }
    names = try CheckpointNames(checkpoint, directory: directory)
    unread = Set(checkpoint.tensors.map { Array($0.name.utf8) })
    if let name = resolvedName(Architecture.positionIDs) { unread.remove(Array(name.utf8)) }
  }

  /// Reads the checkpoint of one model as that of another, which has some of its tensors.
  ///
  /// - Parameters:
  ///   - source: The checkpoint to read, which is not quantised.
  ///   - sources: For each name of the other model, the name in `source`. Other names do not exist.
  ///   - file: Tensors in place of those of `source` with the same names.
  /// - Throws: `ambiguousTensor`, as for `source`.
  package init(
    _ source: CheckpointReader, names sources: [String: String], replacedBy file: SafetensorsFile?
  ) throws(CheckpointError) {
    directory = source.directory
    quantization = source.quantization
    sharesWeights = source.sharesWeights
    checkpoint = file.map { ReplacedTensors(source.checkpoint, by: $0) } ?? source.checkpoint
    var names = try CheckpointNames(checkpoint, directory: directory)
    names.sources = sources
    self.names = names
    unread = []
  }

  /// Whether the linear layers of the body are stored as int8; see ``QuantizedFormat``.
  package var isQuantized: Bool { quantization != nil }

  /// `distilbert.` or `bert.` if the checkpoint has a head, empty for a bare model.
  package var prefix: String { names.prefix }

  /// The tensors that were not read so far, in the file's order.
  package var unreadTensors: [String] {
    checkpoint.tensors.map(\.name).filter { unread.contains(Array($0.utf8)) }
  }

  /// The heads that the checkpoint has.
  package func heads(of architecture: Architecture) -> CheckpointHeads {
    CheckpointHeads(names, of: architecture)
  }

  /// The checkpoint's own spelling of a name; nil if it lacks the tensor.
  package func resolvedName(_ name: String) -> String? { names.find(name)?.name }

  /// The shape of a stored tensor; nil if the checkpoint lacks it.
  package func shape(of name: String) -> [Int]? { names.find(name)?.shape }

  /// Throws unless the checkpoint has all parameters with their shapes, and all tensors of the int8
  /// `layers`. One error names every missing tensor.
  package func check(
    _ parameters: [Parameter], _ layers: [QuantizedFormat.Layer] = []
  ) throws(CheckpointError) {
    let missing =
      parameters.flatMap(missingNames) + layers.flatMap(\.names).filter { names.find($0) == nil }
    guard missing.isEmpty else { throw .missingTensors(path: directory, names: missing) }
    for parameter in parameters {
      if isTable(parameter) {
        _ = try wordTable(shape: parameter.shape)
      } else {
        _ = try tensor(parameter)
      }
    }
  }

  /// The tensors of a parameter that the checkpoint lacks.
  private func missingNames(_ parameter: Parameter) -> [String] {
    if isTable(parameter) {
      return QuantizedFormat.Table.words.names.filter { names.find($0) == nil }
    }
    return resolvedName(parameter) == nil ? [parameter.tiedTo ?? parameter.name] : []
  }

  /// The tensor that holds a parameter, to be read as float32.
  package func tensor(_ parameter: Parameter) throws(CheckpointError) -> StoredTensor {
    let isTied = isTied(parameter)
    return try tensor(
      isTied ? parameter.tiedTo ?? parameter.name : parameter.name, shape: parameter.shape)
  }

  /// Whether the tensor of another parameter holds this one too.
  package func isTied(_ parameter: Parameter) -> Bool {
    parameter.tiedTo != nil && names.find(parameter.name) == nil
  }

  private func resolvedName(_ parameter: Parameter) -> String? {
    resolvedName(parameter.name) ?? parameter.tiedTo.flatMap { resolvedName($0) }
  }

  /// The tensor of a name, to be read as float32.
  ///
  /// - Throws: `missingTensors`, `wrongShape`, and `weights` for numbers that are not floats.
  package func tensor(_ name: String, shape: [Int]) throws(CheckpointError) -> StoredTensor {
    let tensor = try stored(name, shape: shape)
    guard tensor.info.dataType.isReadableAsFloat else {
      throw .weights(
        reason: SafetensorsError.notConvertible(
          file: tensor.path, tensor: tensor.info.name, dataType: tensor.info.dataType,
          wanted: "floats"
        ).description)
    }
    return tensor
  }

  /// The tensor of a name, of any type. It counts as read from now on.
  ///
  /// - Throws: `missingTensors`, `wrongShape`.
  package func stored(_ name: String, shape: [Int]) throws(CheckpointError) -> StoredTensor {
    guard let info = names.find(name), let tensor = checkpoint.stored(info.name) else {
      throw .missingTensors(path: directory, names: [name])
    }
    guard info.shape == shape else {
      throw .wrongShape(path: directory, tensor: info.name, expected: shape, found: info.shape)
    }
    unread.remove(Array(info.name.utf8))
    return tensor
  }

  /// Releases the pages of mapped files; they fault in again where they are read.
  package func releaseMappedPages() { checkpoint.releaseMappedPages() }
}
