import SwiftletCheckpoint
import SwiftletSafetensors

/// The graph of a model: token ids to hidden rows, and to the output of a head.
///
/// Extensions have the parts in the order of the forward pass: inputs, embeddings, layers, heads.
struct ModelGraph {
  let configuration: ModelConfiguration
  let weights: ModelWeights
  let options: ONNXExportOptions
  let output: GraphOutput
  private let producerVersion: String
  var builder: GraphBuilder
  /// The values that parameters have in the graph, by their names.
  var parameterValues: [String: String] = [:]
  /// The inputs of linear layers that are quantised already, which several layers read.
  var quantizedInputs: [String: QuantizedInput] = [:]

  init(_ model: ExportedModel, _ options: ONNXExportOptions) throws(ONNXExportError) {
    configuration = model.configuration
    weights = try ModelWeights(model.checkpoint, model.configuration, head: model.head)
    self.options = options
    output = model.output
    producerVersion = model.producerVersion
    builder = GraphBuilder(opset: options.opset)
    if weights.isQuantized, options.quantization != .exact {
      throw .needsFloats(path: weights.directory)
    }
  }

  /// Builds the graph.
  mutating func message() throws(ONNXExportError) -> ModelMessage {
    let tokens = inputs()
    let rows = try encoder(tokens)
    let outputs = try outputs(of: rows, tokens)
    return ModelMessage(
      opset: options.opset, producerVersion: producerVersion,
      graphName: configuration.architecture.rawValue, nodes: builder.nodes,
      tensors: builder.tensors, inputs: inputMessages, outputs: outputs)
  }

  /// hidden[B, S, dim] of the last layer.
  private mutating func encoder(_ tokens: TokenInputs) throws(ONNXExportError) -> String {
    var rows = try embeddings(tokens)
    let mask = attentionMask(tokens)
    for index in 0..<configuration.layerCount { rows = try layer(index, rows, mask) }
    return rows
  }

  /// The scope of a module, by its name without the prefix of the body:
  /// `/distilbert/transformer/layer.0`.
  func scope(_ module: String) -> String {
    weights.savedName(module + ".").split(separator: ".").reduce(into: "") { path, part in
      // A number is the index in a list of modules, which is a part of the list's name.
      path += (part.first?.isNumber == true ? "." : "/") + part
    }
  }
}
