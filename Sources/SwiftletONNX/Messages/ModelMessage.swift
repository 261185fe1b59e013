/// A `ModelProto` with its `GraphProto`.
struct ModelMessage {
  let opset: OperatorSet
  let producerVersion: String
  let graphName: String
  /// In an order in which each value is defined before it is used.
  var nodes: [NodeMessage]
  var tensors: [TensorMessage]
  var inputs: [ValueInfoMessage]
  var outputs: [ValueInfoMessage]

  /// The first bytes of every file, which name the producer.
  static var beginnings: [[UInt8]] { OperatorSet.allCases.map { beginning($0).bytes } }

  private static func beginning(_ opset: OperatorSet) -> ProtobufMessage {
    var head = ProtobufMessage()
    head.add(FieldNumbers.Model.irVersion, opset.irVersion)
    head.add(FieldNumbers.Model.producerName, "swiftlet")
    return head
  }

  var encoded: ProtobufStream {
    typealias Field = FieldNumbers.Model
    var head = Self.beginning(opset)
    head.add(Field.producerVersion, producerVersion)
    var set = ProtobufMessage()
    set.add(FieldNumbers.OperatorSetID.domain, "")
    set.add(FieldNumbers.OperatorSetID.version, opset.rawValue)
    var tail = ProtobufMessage()
    tail.add(Field.opsetImport, set)
    var message = ProtobufStream()
    message.append(head)
    message.add(Field.graph, graph)
    message.append(tail)
    return message
  }

  private var graph: ProtobufStream {
    typealias Field = FieldNumbers.Graph
    var head = ProtobufMessage()
    for node in nodes { head.add(Field.node, node.encoded) }
    head.add(Field.name, graphName)
    var tail = ProtobufMessage()
    for input in inputs { tail.add(Field.input, input.encoded) }
    for output in outputs { tail.add(Field.output, output.encoded) }
    var graph = ProtobufStream()
    graph.append(head)
    for tensor in tensors { graph.add(Field.initializer, tensor.encoded) }
    graph.append(tail)
    return graph
  }
}

/// A version of ONNX's operators, which decides the oldest ONNX Runtime that runs a graph.
package enum OperatorSet: Int, CaseIterable, Sendable {
  /// ONNX Runtime 1.9 or newer; layer normalisation and GELU as their parts.
  case v14 = 14
  /// ONNX Runtime 1.12 or newer; `LayerNormalization`.
  case v17 = 17
  /// ONNX Runtime 1.17 or newer; `LayerNormalization` and `Gelu`.
  case v20 = 20

  /// The version of the file format of the release of ONNX that introduced the operators: older
  /// programs refuse a newer one.
  var irVersion: Int {
    switch self {
    case .v14: 7
    case .v17: 8
    case .v20: 9
    }
  }
}
