package import SwiftletSystem

/// The graph of an ONNX file: nodes, constants, inputs and outputs, linked by numbered values.
///
/// Numbers of tensors stay in the mapped file. The nodes are in an order in which each reads only values
/// of nodes before it, so every walk from a value to its producers ends.
package struct StoredGraph: Sendable {
  /// A value's place among all values of the graph.
  package typealias Value = Int

  package let file: FileContents
  /// The files that hold the data of tensors, by the locations in the graph.
  let externalFiles: [String: FileContents]
  package let producerName: String
  /// The version of each operator set, in the file's order; the standard set has the empty name.
  package let operatorSets: [(domain: String, version: Int)]
  package let nodes: [StoredNode]
  /// The graph's inputs, without those that are initializers.
  package let inputs: [StoredValue]
  package let outputs: [StoredValue]
  /// Initializers, then the values of Constant nodes.
  let constants: [StoredConstant]

  let names: [String]
  /// The constant that a value is; nil for others.
  let constantOfValue: [Int?]
  /// The node that computes a value, and the place among its outputs; nil for inputs and constants.
  let producers: [(node: Int, output: Int)?]

  /// The node that computes a value; nil for inputs and constants.
  func producer(_ value: Value) -> StoredNode? { producers[value].map { nodes[$0.node] } }

  /// The constant that a value is; nil for a computed value or an input.
  func constant(_ value: Value) -> StoredConstant? { constantOfValue[value].map { constants[$0] } }
}

/// A node: an operation on values.
package struct StoredNode: Sendable {
  /// The operator, such as `MatMul`; with its domain in front if that is not the standard one, such as
  /// `com.microsoft.Attention`.
  package let operation: String
  package let name: String
  /// The place in ``StoredGraph/nodes``.
  let index: Int
  /// Nil for an optional input that the node leaves out.
  let inputs: [StoredGraph.Value?]
  let outputs: [StoredGraph.Value?]
  let attributes: [StoredAttribute]

  /// The input at a place; nil if the node leaves it out.
  func input(_ place: Int) -> StoredGraph.Value? {
    inputs.indices.contains(place) ? inputs[place] : nil
  }

  /// The operator and the name, for errors.
  var title: String { name.isEmpty ? "a node \(operation)" : "node \"\(name)\" (\(operation))" }
}

/// An input or output of the graph.
package struct StoredValue: Sendable {
  package let name: String
  /// The element type, such as `int64` or `float32`; nil if the file does not state it.
  package let type: String?
  /// Sizes, or names of sizes that differ between calls; `?` for a size without either. Nil if the file
  /// does not state a shape.
  package let shape: [String]?
  let value: StoredGraph.Value
}

/// An attribute of a node. Values that recovery does not need, such as nested graphs, are left out.
struct StoredAttribute: Sendable {
  enum Value: Sendable {
    case integer(Int64)
    case float(Float)
    case string(String)
    case integers([Int64])
    case other
  }

  let name: String
  let value: Value
}

extension StoredNode {
  func integer(_ name: String) -> Int? {
    guard case .integer(let value) = attribute(name) else { return nil }
    return Int(exactly: value)
  }

  func float(_ name: String) -> Float? {
    guard case .float(let value) = attribute(name) else { return nil }
    return value
  }

  func string(_ name: String) -> String? {
    guard case .string(let value) = attribute(name) else { return nil }
    return value
  }

  func integers(_ name: String) -> [Int]? {
    guard case .integers(let values) = attribute(name) else { return nil }
    return values.map { Int(truncatingIfNeeded: $0) }
  }

  private func attribute(_ name: String) -> StoredAttribute.Value? {
    attributes.first { $0.name == name }?.value
  }
}
