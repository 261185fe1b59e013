/// A product with a constant matrix, and the bias that is added to it.
struct LinearMatch {
  /// The rows that are multiplied.
  let input: StoredGraph.Value
  /// [outputs, inputs], as transformers stores it.
  let weight: TensorView
  var bias: TensorView?
  /// A factor of the rows, which onnxruntime moves from the operation before into the product.
  var inputScale = 1.0
  /// A function that the node applies to the sum.
  var activation: FusedActivation?
}

/// The activation of a fused node, by its name in ONNX.
struct FusedActivation: Equatable {
  let name: String
  let alpha: Float?
}

extension GraphMatcher {
  /// The linear layer that computes a value: a product, alone or with a bias.
  func linear(_ value: Value) -> LinearMatch? {
    let value = through(value)
    if let product = product(value) { return product.inputScale == 1 ? product : nil }
    guard let node = node(value), node.operation == "Add" else { return nil }
    for (sum, addend) in pairs(node) {
      guard let bias = vector(addend), var product = product(sum), product.bias == nil,
        product.activation == nil, product.inputScale == 1
      else { continue }
      product.bias = bias
      return product
    }
    return nil
  }

  /// The product that computes a value, with a bias only if the node has one.
  func product(_ value: Value) -> LinearMatch? {
    guard let node = node(through(value)), let input = node.input(0) else { return nil }
    switch node.operation {
    case "MatMul", "com.microsoft.FusedMatMul":
      let isPlain = ["transA", "transBatchA", "transBatchB"].allSatisfy {
        (node.integer($0) ?? 0) == 0
      }
      guard isPlain,
        let weight = weights(node.input(1), isTransposed: node.integer("transB") == 1)
      else { return nil }
      return LinearMatch(
        input: through(input), weight: weight,
        inputScale: node.float("alpha").map { Double($0) } ?? 1)
    case "Gemm", "com.microsoft.FusedGemm": return gemm(node, input)
    case "com.microsoft.MatMulIntegerToFloat":
      return quantized(
        node, input, scale: node.input(3), zeroPoint: node.input(5), bias: node.input(6))
    case "com.microsoft.DynamicQuantizeMatMul":
      return quantized(
        node, input, scale: node.input(2), zeroPoint: node.input(3), bias: node.input(4))
    case "Mul": return dynamicProduct(node)
    default: return nil
    }
  }

  /// Returns [outputs, inputs].
  private func weights(_ value: Value?, isTransposed: Bool) -> TensorView? {
    guard let view = matrix(value) else { return nil }
    return isTransposed ? view : view.transposed
  }

  private func gemm(_ node: StoredNode, _ input: Value) -> LinearMatch? {
    guard (node.float("alpha") ?? 1) == 1, (node.float("beta") ?? 1) == 1,
      (node.integer("transA") ?? 0) == 0,
      let weight = weights(node.input(1), isTransposed: node.integer("transB") == 1)
    else { return nil }
    var match = LinearMatch(input: through(input), weight: weight)
    if let bias = node.input(2) {
      guard let bias = vector(bias) else { return nil }
      match.bias = bias
    }
    if let name = node.string("activation"), !name.isEmpty {
      match.activation = FusedActivation(name: name, alpha: node.float("activation_alpha"))
    }
    return match
  }

  private func quantized(
    _ node: StoredNode, _ input: Value, scale: Value?, zeroPoint: Value?, bias: Value?
  ) -> LinearMatch? {
    guard let view = matrix(node.input(1)),
      let weight = graph.dequantized(view, scale: scale, zeroPoint: zeroPoint, axis: 1)?.transposed
    else { return nil }
    var match = LinearMatch(input: through(input), weight: weight)
    if let bias {
      guard let bias = vector(bias) else { return nil }
      match.bias = bias
    }
    return match
  }

  /// A product of integers, scaled to floats: Mul(Cast(MatMulInteger), Mul(input scale, weight scale)), as
  /// `quantize_dynamic` writes it, or Mul(Mul(Cast(MatMulInteger), input scales), weight scale).
  private func dynamicProduct(_ node: StoredNode) -> LinearMatch? {
    for (product, factor) in pairs(node) {
      if let integers = integerProduct(product), let factors = operation("Mul", factor),
        let scale = factors.inputs.compactMap({ $0 })
          .first(where: { graph.constantOfValue[$0] != nil })
      {
        return linear(integers, scale: scale)
      }
      guard graph.constantOfValue[factor] != nil, let scaled = operation("Mul", product) else {
        continue
      }
      for (product, _) in pairs(scaled) {
        if let integers = integerProduct(product) { return linear(integers, scale: factor) }
      }
    }
    return nil
  }

  private func integerProduct(_ value: Value) -> StoredNode? {
    operation("MatMulInteger", through(value, ["Cast", "Identity", "Reshape"]))
  }

  private func linear(_ integers: StoredNode, scale: Value) -> LinearMatch? {
    guard let input = integers.input(0) else { return nil }
    return quantized(
      integers, quantizedRows(input) ?? input, scale: scale, zeroPoint: integers.input(3), bias: nil
    )
  }

  /// The rows x of which a value is Cast(Add(Round(Mul(x, scales)), 128)), as Swiftlet exports its own
  /// integers; nil for others.
  private func quantizedRows(_ value: Value) -> Value? {
    guard let cast = operation("Cast", value), let sum = cast.input(0),
      let rounded = operation("Add", sum)?.input(0),
      let scaled = operation("Round", rounded)?.input(0)
    else { return nil }
    return (operation("Mul", scaled) ?? operation("Div", scaled))?.input(0)
  }

  /// The addends of a sum: values that other operations computed, and constant vectors.
  ///
  /// Sums end at layer normalisations and linear products, which may themselves be written as sums.
  func addends(_ values: [Value]) -> (values: [Value], vectors: [TensorView]) {
    var open = values
    var result: (values: [Value], vectors: [TensorView]) = ([], [])
    // A model adds at most three embeddings, or a product, its bias and a residual.
    var steps = 0
    while let next = open.popLast(), steps < 16 {
      steps += 1
      let value = through(next, ["Identity", "Cast", "Dropout"])
      if let vector = vector(value) {
        result.vectors.append(vector)
      } else if let node = node(value), node.operation == "Add", norm(value) == nil,
        let left = node.input(0), let right = node.input(1)
      {
        open += [right, left]
      } else {
        result.values.append(value)
      }
    }
    return result
  }

  /// A linear layer and the residual that a layer normalisation adds to it.
  ///
  /// - Throws: `unexpectedNode` if the sum is another one.
  func residual(
    _ norm: NormMatch
  ) throws(ONNXImportError) -> (linear: LinearMatch, residual: Value) {
    let sum = addends(norm.inputs)
    let vectors = norm.biases + sum.vectors
    guard sum.values.count == 2, vectors.count <= 1 else {
      throw mismatch(norm.value, expected: "the normalised sum of a linear layer and its input")
    }
    for (place, other) in [(0, 1), (1, 0)] {
      guard var linear = product(sum.values[place]), linear.activation == nil,
        linear.bias == nil || vectors.isEmpty
      else { continue }
      linear.bias = linear.bias ?? vectors.first
      return (linear, through(sum.values[other]))
    }
    throw mismatch(sum.values[0], expected: "a linear layer")
  }
}
