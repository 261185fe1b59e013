import SwiftletCheckpoint
import SwiftletJSON
import SwiftletONNX
import SwiftletSafetensors

/// What `swiftlet inspect` shows about the graph of an ONNX file.
struct GraphDescription {
  private let graph: StoredGraph
  /// The parameters of the model in the graph; the graph's own constants if there is no
  /// configuration.
  let tensors: [TensorInfo]
  /// The tensors of the graph that hold ``tensors``, in the same order; empty without a
  /// configuration.
  private let sources: [RecoveredModel.Parameter]

  /// Describes a file without a configuration.
  init(file path: String) throws(ONNXImportError) {
    graph = try StoredGraph(path: path)
    tensors = graph.weights
    sources = []
  }

  /// Describes the file of a model.
  init(file path: String, _ configuration: ModelConfiguration) throws(ONNXImportError) {
    let model = try RecoveredModel(StoredGraph(path: path), configuration)
    graph = model.graph
    sources = model.parameters
    tensors = sources.compactMap {
      TensorInfo(name: $0.name, dataType: $0.dataType, shape: $0.shape)
    }
  }

  /// Producer, operator sets, inputs and outputs, and the tensor of each parameter.
  var json: JSONValue {
    .object([
      ("producer", .string(graph.producerName)),
      ("operator_sets", .object(operatorSets.map { ($0.name, .int($0.version)) })),
      ("inputs", .array(graph.inputs.map(Self.json))),
      ("outputs", .array(graph.outputs.map(Self.json))),
      (
        "parameters",
        .array(
          sources.map {
            .object([
              ("name", .string($0.name)), ("tensor", .string($0.tensor)),
              ("in_place", .bool($0.isInPlace)),
            ])
          })
      ),
    ])
  }

  /// The same for people, without the parameters.
  var members: [JSONValue.Member] {
    let sets = operatorSets.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
    let copied = sources.filter { !$0.isInPlace }.count
    return [("producer", .string(graph.producerName)), ("operator sets", .string(sets))]
      + graph.inputs.map { ("input \($0.name)", .string(Self.text($0))) }
      + graph.outputs.map { ("output \($0.name)", .string(Self.text($0))) }
      + (sources.isEmpty
        ? []
        : [("parameters", .string("\(sources.count), of which \(copied) are copied at load"))])
  }

  private var operatorSets: [(name: String, version: Int)] {
    graph.operatorSets.map { ($0.domain.isEmpty ? "ai.onnx" : $0.domain, $0.version) }
  }

  private static func json(_ value: StoredValue) -> JSONValue {
    .object([
      ("name", .string(value.name)), ("dtype", value.type.map(JSONValue.string) ?? .null),
      ("shape", value.shape.map { .array($0.map(JSONValue.string)) } ?? .null),
    ])
  }

  private static func text(_ value: StoredValue) -> String {
    let shape = value.shape.map { " [\($0.joined(separator: ", "))]" } ?? ""
    return (value.type ?? "unknown type") + shape
  }
}
