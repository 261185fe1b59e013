import SwiftletSafetensors
import SwiftletSystem

/// Recognises the layers of a model in the nodes of a graph, whichever exporter or optimiser wrote them.
///
/// Follows values back to their producers. Names decide nothing: exporters keep few of them.
struct GraphMatcher {
  let graph: StoredGraph
  /// Whether a value carries rows of hidden states: it is computed from a row of an embedding table.
  /// Masks, shapes and position numbers are not hidden.
  let isHidden: [Bool]

  typealias Value = StoredGraph.Value

  init(_ graph: StoredGraph) {
    self.graph = graph
    var isHidden = [Bool](repeating: false, count: graph.names.count)
    for node in graph.nodes where Self.carries(node, isHidden, graph) {
      for (place, output) in node.outputs.enumerated() {
        guard let output else { continue }
        // The second output of a fused embedding is a mask.
        if place == 1, Self.fusedEmbeddings.contains(node.operation) { continue }
        isHidden[output] = true
      }
    }
    self.isHidden = isHidden
  }

  private static func carries(
    _ node: StoredNode, _ isHidden: [Bool], _ graph: StoredGraph
  ) -> Bool {
    switch node.operation {
    case "Shape", "Size", "IsNaN": false
    case "Gather":
      node.input(0).map { isHidden[$0] || graph.view($0) != nil } ?? false
    case _ where fusedEmbeddings.contains(node.operation): true
    default: node.inputs.contains { $0.map { isHidden[$0] } ?? false }
    }
  }

  static let fusedEmbeddings: Set<String> = [
    "com.microsoft.EmbedLayerNormalization", "com.microsoft.QEmbedLayerNormalization",
  ]

  /// Operations that keep every element of a row in its place. Quantising for the next product rounds
  /// them, and dequantising undoes it.
  static let layout: Set<String> = [
    "Identity", "Cast", "Dropout", "Reshape", "Squeeze", "Unsqueeze", "Flatten",
    "DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear",
  ]

  /// Operations that divide rows among attention heads.
  static let heads = layout.union(["Transpose"])

  /// The first value before `value`, or itself, that none of `operations` computed. Calls `visit` with
  /// every node on the way.
  func through(
    _ value: Value, _ operations: Set<String> = layout, visit: (StoredNode) -> Void = { _ in }
  ) -> Value {
    var value = value
    while let (index, output) = graph.producers[value], output == 0 {
      let node = graph.nodes[index]
      guard operations.contains(node.operation), let input = node.input(0), isHidden[input] else {
        break
      }
      visit(node)
      value = input
    }
    return value
  }

  /// The node that computes a value as its first output.
  func node(_ value: Value) -> StoredNode? {
    guard let (index, output) = graph.producers[value], output == 0 else { return nil }
    return graph.nodes[index]
  }

  /// The only hidden input of a node; nil if it has none or several.
  func hiddenInput(_ node: StoredNode) -> Value? {
    let hidden = node.inputs.compactMap { $0 }.filter { isHidden[$0] }
    return hidden.count == 1 ? hidden[0] : nil
  }

  /// A constant vector of floats, such as a bias; nil for others.
  func vector(_ value: Value?) -> TensorView? {
    value.flatMap { graph.view($0)?.withRank(1) }
  }

  /// A constant matrix of floats or dequantised integers; nil for others.
  func matrix(_ value: Value?) -> TensorView? {
    value.flatMap { graph.view($0)?.withRank(2) }
  }

  /// The node's two inputs in both orders.
  func pairs(_ node: StoredNode) -> [(Value, Value)] {
    guard let left = node.input(0), let right = node.input(1) else { return [] }
    return [(left, right), (right, left)]
  }

  /// The error that another operation stands where the model has `expected`.
  func mismatch(_ value: Value, expected: String) -> ONNXImportError {
    let found =
      graph.producer(value)?.title
      ?? (graph.constantOfValue[value] == nil ? "the input " : "the constant ")
      + quoted(graph.names[value])
    return .unexpectedNode(path: graph.file.path, found: found, expected: expected)
  }
}
