package import SwiftletCheckpoint
package import SwiftletONNX
package import SwiftletSafetensors
import SwiftletSystem

extension CheckpointReader {
  /// Opens the weights of a model's folder in any format: safetensors or PyTorch files, or else ONNX,
  /// whose parameters are recovered from the graph.
  ///
  /// - Throws: What ``CheckpointReader`` throws for the first two; `weights` for an ONNX file that does
  ///   not hold the model in `config.json`.
  package convenience init(
    model directory: String, loading: SafetensorsFile.Loading, sharesWeights: Bool = false
  ) throws(CheckpointError) {
    guard let path = ModelFiles.importedFile(in: directory) else {
      try self.init(directory: directory, loading: loading, sharesWeights: sharesWeights)
      return
    }
    let configuration = try ModelConfiguration(
      path: ModelFiles.path("config.json", in: directory), labelled: false)
    let tensors: ImportedTensors
    do throws(ONNXImportError) {
      tensors = try ImportedTensors(path: path, configuration: configuration, loading: loading)
    } catch {
      throw CheckpointError(error)
    }
    try self.init(tensors: tensors, directory: directory, sharesWeights: sharesWeights)
  }
}

extension CheckpointError {
  package init(_ error: ONNXImportError) {
    switch error {
    case .unreadable(let reason): self = .missingWeights(reason: reason)
    case .memory(let error): self = .memory(error)
    case .damaged, .externalData, .unexpectedNode, .contradiction, .missingParameters,
      .wrongShape, .leftOver:
      self = .weights(reason: error.description)
    }
  }
}

extension ModelFiles {
  /// The ONNX file from which the model is loaded; nil if the folder has none, or a format that comes
  /// before it.
  fileprivate static func importedFile(in directory: String) -> String? {
    let used = WeightFormat.found(in: directory).first(where: \.isUsed)
    guard let used, used.format == .onnx else { return nil }
    return path(used.file, in: directory)
  }
}
