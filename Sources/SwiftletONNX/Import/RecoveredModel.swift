package import SwiftletCheckpoint
package import SwiftletSafetensors
import SwiftletSystem

/// The parameters of a model that were found in an ONNX graph, before their numbers are read.
package struct RecoveredModel: Sendable {
  /// A parameter and its tensor in the graph.
  package struct Parameter: Sendable {
    /// The name in transformers, with the prefix of the body.
    package let name: String
    package let shape: [Int]
    package let dataType: DataType
    /// The name of the tensor in the graph.
    package let tensor: String
    /// Whether the file has the numbers as the model needs them.
    package let isInPlace: Bool
    let view: TensorView
  }

  package let graph: StoredGraph
  /// In the order of `ModelConfiguration.parameters`, then the heads.
  package let parameters: [Parameter]

  /// Finds the parameters of the model in `configuration`.
  ///
  /// - Throws: ``ONNXImportError`` unless the graph computes this model, has each of its parameters, and
  ///   has no other weights.
  package init(
    _ graph: StoredGraph, _ configuration: ModelConfiguration
  ) throws(ONNXImportError) {
    var recovery = ModelRecovery(graph, configuration)
    try recovery.readOutputs()
    try recovery.checkCompleteness()
    self.graph = graph
    let architecture = configuration.architecture
    let body = configuration.parameters().map(\.name)
    let bodyNames = Set(body)
    let others = recovery.parameters.keys.filter { !bodyNames.contains($0) }.sorted()
    let hasHead = others.contains { !architecture.isBody($0) }
    let prefix = hasHead ? architecture.prefix : ""
    parameters = (body + others).compactMap { name in
      guard let view = recovery.parameters[name],
        let type = graph.constants[view.constant].type
      else { return nil }
      return Parameter(
        name: architecture.isBody(name) ? prefix + name : name, shape: view.shape,
        dataType: view.quantization == nil ? type.dataType : .f32,
        tensor: graph.name(of: view), isInPlace: view.isContiguous, view: view)
    }
  }
}

/// The parameters of a model in an ONNX file, under their names in transformers.
///
/// Numbers stay in the mapped file where it has them in the right order. Others, such as the transposed
/// weights of linear layers and dequantised ones, are in own memory.
package struct ImportedTensors: TensorSource {
  package let tensors: [TensorInfo]
  private let stored: [StoredTensor]
  private let indices: [ExactName: Int]
  private let graph: StoredGraph

  /// Opens an ONNX file and reads the parameters of the model in `configuration`.
  ///
  /// - Throws: ``ONNXImportError``.
  package init(
    path: String, configuration: ModelConfiguration, loading: SafetensorsFile.Loading = .mapped
  ) throws(ONNXImportError) {
    let graph = try StoredGraph(path: path, loading: loading == .mapped ? .map : .read)
    try self.init(RecoveredModel(graph, configuration))
  }

  /// Reads the numbers of recovered parameters.
  ///
  /// - Throws: `memory`; `damaged` for a tensor whose fields do not fit its shape.
  package init(_ model: RecoveredModel) throws(ONNXImportError) {
    graph = model.graph
    var uses: [Int: Int] = [:]
    for parameter in model.parameters { uses[parameter.view.constant, default: 0] += 1 }
    var stored: [StoredTensor] = []
    for parameter in model.parameters {
      guard
        let info = TensorInfo(
          name: parameter.name, dataType: parameter.dataType, shape: parameter.shape)
      else { continue }
      let (bytes, memory) = try model.graph.elements(of: parameter.view)
      stored.append(
        StoredTensor(
          info, bytes: bytes, in: memory, path: model.graph.file.path,
          isShared: parameter.isInPlace && uses[parameter.view.constant] != 1))
    }
    self.stored = stored
    tensors = stored.map(\.info)
    indices = Dictionary(
      tensors.enumerated().map { (ExactName($1.name), $0) }, uniquingKeysWith: { first, _ in first }
    )
  }

  package var metadata: [String: String] { [:] }

  package var paths: [String] {
    [graph.file.path] + graph.externalFiles.values.map(\.path).sorted()
  }

  package func tensor(_ name: String) -> TensorInfo? { stored(name)?.info }

  package func stored(_ name: String) -> StoredTensor? {
    indices[ExactName(name)].map { stored[$0] }
  }

  package func releaseMappedPages() {
    graph.file.releaseMappedPages()
    for file in graph.externalFiles.values { file.releaseMappedPages() }
  }
}
