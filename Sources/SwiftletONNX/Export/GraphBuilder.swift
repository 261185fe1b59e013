/// Collects the nodes and constants of a graph and names them as torch's exporter does:
/// `/bert/encoder/layer.0/output/dense/MatMul` and `…/MatMul_output_0`.
struct GraphBuilder {
  let opset: OperatorSet
  /// The path of the module whose operators are added, such as `/bert/embeddings`.
  var scope = ""
  private(set) var nodes: [NodeMessage] = []
  private(set) var tensors: [TensorMessage] = []
  private var operationCounts: [String: Int] = [:]
  private var tensorNames: Set<String> = []

  init(opset: OperatorSet) { self.opset = opset }

  /// Adds an operator with one result; returns the name of the result.
  mutating func add(
    _ operation: String, _ inputs: String..., attributes: [AttributeMessage] = []
  ) -> String {
    add(operation, inputs, outputs: 1, attributes)[0]
  }

  /// Adds an operator; returns the names of its results.
  mutating func add(
    _ operation: String, _ inputs: [String], outputs: Int, _ attributes: [AttributeMessage] = []
  ) -> [String] {
    let path = "\(scope)/\(operation)"
    let count = operationCounts[path, default: 0]
    operationCounts[path] = count + 1
    let name = count == 0 ? path : "\(path)_\(count)"
    let results = (0..<outputs).map { "\(name)_output_\($0)" }
    nodes.append(
      NodeMessage(
        operation: operation, name: name, inputs: inputs, outputs: results, attributes: attributes))
    return results
  }

  /// Gives a value the name of an output of the graph.
  mutating func rename(_ value: String, to name: String) {
    for index in nodes.indices {
      nodes[index].inputs = nodes[index].inputs.map { $0 == value ? name : $0 }
      nodes[index].outputs = nodes[index].outputs.map { $0 == value ? name : $0 }
    }
  }

  /// Adds a tensor unless there is one with its name, which is then the same.
  mutating func add(_ tensor: TensorMessage) -> String {
    if tensorNames.insert(tensor.name).inserted { tensors.append(tensor) }
    return tensor.name
  }

  // MARK: Constants, each once

  mutating func constant(_ value: Float) -> String {
    constant("float32_\(value)", .float32, [], [value.bitPattern])
  }

  /// A number without dimensions.
  mutating func constant(_ value: Int) -> String {
    constant("int64_\(value)", .int64, [], [Int64(value)])
  }

  mutating func constant(_ values: [Int]) -> String {
    let name = "int64s_" + values.map { "\($0)" }.joined(separator: "_")
    return constant(name, .int64, [values.count], values.map { Int64($0) })
  }

  /// A byte without dimensions.
  mutating func constant(byte value: UInt8) -> String {
    constant("uint8_\(value)", .uint8, [], [value])
  }

  // MARK: Constants with names

  /// A row of floats.
  mutating func constant(_ name: String, _ values: [Float]) -> String {
    constant(name, .float32, [values.count], values.map(\.bitPattern))
  }

  /// A column of floats.
  mutating func constant(_ name: String, column values: [Float]) -> String {
    constant(name, .float32, [values.count, 1], values.map(\.bitPattern))
  }

  mutating func constant(_ name: String, _ value: Float) -> String {
    constant(name, .float32, [], [value.bitPattern])
  }

  mutating func constant(_ name: String, byte value: UInt8) -> String {
    constant(name, .uint8, [], [value])
  }

  /// A row of signed bytes that are 0.
  mutating func constant(_ name: String, zeros count: Int) -> String {
    constant(name, .int8, [count], [Int8](repeating: 0, count: count))
  }

  private mutating func constant(
    _ name: String, _ type: ElementType, _ shape: [Int], _ values: [some FixedWidthInteger]
  ) -> String {
    var bytes: [UInt8] = []
    for value in values { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
    return add(TensorMessage(name: name, type: type, shape: shape, content: .bytes(bytes)))
  }
}
