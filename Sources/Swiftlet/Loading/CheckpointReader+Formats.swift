package import SwiftletCheckpoint
import SwiftletONNX
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
  init(_ error: ONNXImportError) {
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
  /// The ONNX file that is the model's only format; nil if the folder has none or a format that
  /// transformers reads.
  package static func importedFile(in directory: String) -> String? {
    let isPresent = { (name: String) in FileStatus.exists(path(name, in: directory)) }
    guard !trainedFormats.contains(where: isPresent) else { return nil }
    return ONNXFolder.file(in: directory)
  }

  /// The files from which transformers loads weights.
  private static let trainedFormats = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json",
  ]
}
