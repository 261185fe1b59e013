import SwiftletCheckpoint

/// A linear layer and the function that follows it.
struct ActivatedMatch {
  let linear: LinearMatch
  /// The function, at ``ActivationValues/points``.
  let values: [Double]
  /// Whether onnxruntime's optimiser may have replaced GELU by its approximation with tanh.
  let isApproximate: Bool
}

extension GraphMatcher {
  /// The linear layer and the elementwise function that compute a value, times `scale`.
  ///
  /// - Throws: `unexpectedNode` for another computation.
  func activated(
    _ value: Value, scale: Double = 1
  ) throws(ONNXImportError) -> ActivatedMatch {
    var function = ElementwiseFunction(matcher: self)
    var values: [Double] = []
    for point in ActivationValues.points {
      guard let result = function.value(of: value, at: point) else {
        throw mismatch(
          function.unknown ?? value, expected: "an activation function of a linear layer")
      }
      values.append(result * scale)
    }
    guard let linear = function.linear else {
      throw mismatch(value, expected: "an activation function of a linear layer")
    }
    return ActivatedMatch(
      linear: linear, values: values, isApproximate: function.isApproximate)
  }
}

/// Computes the elementwise operations behind a linear layer for one number.
///
/// Exporters and optimisers write an activation in many ways; all have the same values.
struct ElementwiseFunction {
  private let matcher: GraphMatcher
  /// The layer whose outputs are the function's variable.
  private(set) var linear: LinearMatch?
  /// Whether the function has a node that only onnxruntime's optimiser writes.
  private(set) var isApproximate = false
  /// A value that could not be computed.
  private(set) var unknown: StoredGraph.Value?
  private var variable: StoredGraph.Value?
  /// A node that adds the bias to the variable and applies a function.
  private var fused: StoredNode?
  private var known: [StoredGraph.Value: Double] = [:]
  private var point = 0.0

  /// More operations than any activation has.
  private static let depthLimit = 24

  init(matcher: GraphMatcher) { self.matcher = matcher }

  /// The function's value where the layer's output is `point`; nil for operations that are not known.
  mutating func value(of value: StoredGraph.Value, at point: Double) -> Double? {
    self.point = point
    known = [:]
    return compute(value, depth: 0)
  }

  private mutating func compute(_ value: StoredGraph.Value, depth: Int) -> Double? {
    let value = matcher.through(value)
    if let number = known[value] ?? matcher.graph.scalar(value) { return number }
    guard depth < Self.depthLimit, known.count < 64, let result = evaluate(value, depth) else {
      unknown = unknown ?? value
      return nil
    }
    known[value] = result
    return result
  }

  private mutating func evaluate(_ value: StoredGraph.Value, _ depth: Int) -> Double? {
    if value == variable, let linear {
      return fused.map { ElementwiseOperation.value($0, [point]) } ?? apply(linear)
    }
    if variable == nil, let found = matcher.linear(value) {
      (variable, linear) = (value, found)
      return apply(found)
    }
    guard let node = matcher.node(value) else { return nil }
    isApproximate = isApproximate || node.operation == "com.microsoft.FastGelu"
    if readFused(node, value) { return ElementwiseOperation.value(node, [point]) }
    var inputs: [Double?] = []
    for input in node.inputs {
      guard let input else {
        inputs.append(nil)
        continue
      }
      guard let number = compute(input, depth: depth + 1) else { return nil }
      inputs.append(number)
    }
    return ElementwiseOperation.value(node, inputs)
  }

  private func apply(_ linear: LinearMatch) -> Double? {
    guard let activation = linear.activation else { return point }
    return ElementwiseOperation.value(activation, point)
  }

  /// Reads a node of onnxruntime that adds the layer's bias before it applies GELU; false for others.
  private mutating func readFused(_ node: StoredNode, _ value: StoredGraph.Value) -> Bool {
    guard ["com.microsoft.BiasGelu", "com.microsoft.FastGelu"].contains(node.operation),
      variable == nil, let input = node.input(0), let bias = matcher.vector(node.input(1)),
      var found = matcher.product(input), found.bias == nil, found.activation == nil,
      found.inputScale == 1
    else { return false }
    found.bias = bias
    (variable, linear, fused) = (value, found, node)
    return true
  }
}
