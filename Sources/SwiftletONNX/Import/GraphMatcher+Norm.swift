/// A layer normalisation, with the sum that it normalises where one node does both.
struct NormMatch {
  /// The normalised rows.
  let value: StoredGraph.Value
  /// What is normalised: the sum of these values and biases.
  let inputs: [StoredGraph.Value]
  var biases: [TensorView] = []
  let weight: TensorView
  let bias: TensorView
  let epsilon: Double
}

extension GraphMatcher {
  /// The layer normalisation that computes a value; nil if another operation does.
  func norm(_ value: Value) -> NormMatch? {
    let value = through(value)
    guard let node = node(value) else { return nil }
    switch node.operation {
    case "LayerNormalization":
      guard let input = node.input(0), let weight = vector(node.input(1)),
        let bias = vector(node.input(2)), [-1, 2, nil].contains(node.integer("axis"))
      else { return nil }
      return NormMatch(
        value: value, inputs: [input], weight: weight, bias: bias,
        epsilon: Double(node.float("epsilon") ?? 1e-5))
    case "com.microsoft.SkipLayerNormalization":
      guard let input = node.input(0), let residual = node.input(1),
        let weight = vector(node.input(2)), let bias = vector(node.input(3))
      else { return nil }
      let added = vector(node.input(4))
      guard node.input(4) == nil || added != nil else { return nil }
      return NormMatch(
        value: value, inputs: [input, residual], biases: added.map { [$0] } ?? [],
        weight: weight, bias: bias, epsilon: Double(node.float("epsilon") ?? 1e-12))
    case "Add": return decomposedNorm(node, value)
    default: return nil
    }
  }

  /// Add(Mul(Div(Sub(x, ReduceMean(x)), Sqrt(Add(variance, epsilon))), weight), bias)
  private func decomposedNorm(_ node: StoredNode, _ value: Value) -> NormMatch? {
    for (scaled, addend) in pairs(node) {
      guard let bias = vector(addend), let product = operation("Mul", through(scaled)) else {
        continue
      }
      for (quotient, factor) in pairs(product) {
        guard let weight = vector(factor), let (input, epsilon) = normalized(through(quotient))
        else { continue }
        return NormMatch(
          value: value, inputs: [input], weight: weight, bias: bias, epsilon: epsilon)
      }
    }
    return nil
  }

  /// The rows that are shifted and scaled to mean 0 and variance 1.
  private func normalized(_ value: Value) -> (input: Value, epsilon: Double)? {
    guard let node = operation("Div", value), let centered = node.input(0),
      let deviation = node.input(1),
      let difference = operation("Sub", through(centered)), let input = difference.input(0),
      let mean = difference.input(1), let average = operation("ReduceMean", through(mean)),
      average.input(0).map({ through($0) }) == through(input),
      let root = operation("Sqrt", through(deviation)), let variance = root.input(0),
      let sum = operation("Add", through(variance))
    else { return nil }
    for (variance, constant) in pairs(sum) {
      guard let epsilon = graph.scalar(constant),
        operation("ReduceMean", through(variance)) != nil
      else { continue }
      return (through(input), epsilon)
    }
    return nil
  }

  /// The node that computes a value, if it is the operation.
  func operation(_ name: String, _ value: Value) -> StoredNode? {
    node(value).flatMap { $0.operation == name ? $0 : nil }
  }
}
