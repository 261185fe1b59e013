import SwiftletSystem

/// The layers before attention.
struct AttentionMatch {
  /// A layer's weight [outputs, inputs] and its bias.
  struct Layer {
    let weight: TensorView
    let bias: TensorView?
  }

  let query: Layer
  let key: Layer
  let value: Layer
  /// The rows that all three read.
  let input: StoredGraph.Value
  var settings = AttentionSettings()
}

/// What a graph states about attention; nil where it depends on the shapes of a call.
struct AttentionSettings {
  var headCount: Int?
  /// The factor of the products of query and key.
  var scale: Double? = 1
}

extension GraphMatcher {
  /// The attention whose context rows a value is.
  ///
  /// - Throws: `unexpectedNode` for another computation.
  func attention(_ context: Value) throws(ONNXImportError) -> AttentionMatch {
    var settings = AttentionSettings()
    let value = through(context, Self.heads)
    guard let node = node(value) else {
      throw mismatch(value, expected: "attention over the rows of a layer")
    }
    switch node.operation {
    case "com.microsoft.Attention", "com.microsoft.QAttention":
      if let match = fusedAttention(node) { return match }
    case "com.microsoft.MultiHeadAttention", "Attention":
      return try attentionOfLayers(node)
    case "MatMul", "com.microsoft.FusedMatMul":
      guard let probabilities = node.input(0), let values = node.input(1),
        (node.float("alpha") ?? 1) == 1, let scores = scores(probabilities, &settings),
        let queries = scores.input(0), let keys = scores.input(1)
      else { break }
      let query = try layer(queries, &settings)
      let key = try layer(keys, &settings)
      var plain = AttentionSettings()
      let value = try layer(values, &plain)
      guard plain.scale == 1 else { break }
      return try match(query, key, value, settings, node)
    default: break
    }
    throw mismatch(value, expected: "attention over the rows of a layer")
  }

  private func match(
    _ query: LinearMatch, _ key: LinearMatch, _ value: LinearMatch, _ settings: AttentionSettings,
    _ node: StoredNode
  ) throws(ONNXImportError) -> AttentionMatch {
    guard query.input == key.input, query.input == value.input else {
      throw .unexpectedNode(
        path: graph.file.path, found: node.title + ", which reads different rows,",
        expected: "self-attention")
    }
    func layer(_ linear: LinearMatch) -> AttentionMatch.Layer {
      .init(weight: linear.weight, bias: linear.bias)
    }
    return AttentionMatch(
      query: layer(query), key: layer(key), value: layer(value), input: query.input,
      settings: settings)
  }

  // MARK: Attention of single operations

  /// The product of queries and keys from which probabilities are computed; nil for another computation.
  private func scores(_ value: Value, _ settings: inout AttentionSettings) -> StoredNode? {
    var value = value
    var hasSoftmax = false
    while let node = node(value) {
      switch node.operation {
      case "MatMul", "com.microsoft.FusedMatMul":
        multiply(&settings, by: node.float("alpha").map { Double($0) } ?? 1)
        return hasSoftmax ? node : nil
      case "Softmax", "com.microsoft.BiasSoftmax": hasSoftmax = true
      case "Mul", "Div": multiply(&settings, by: factor(node))
      case "Add", "Sub", "Where", "Max", "Min", "Clip", "Identity", "Cast", "Dropout", "Reshape":
        break
      default: return nil
      }
      guard let input = hiddenInput(node) else { return nil }
      value = input
    }
    return nil
  }

  /// The linear layer of queries, keys or values, behind its division into heads and its scaling.
  private func layer(
    _ value: Value, _ settings: inout AttentionSettings
  ) throws(ONNXImportError) -> LinearMatch {
    var headCount = settings.headCount
    var value = value
    while true {
      value = through(value, Self.heads) { headCount = self.headCount($0) ?? headCount }
      settings.headCount = headCount
      if let linear = linear(value), linear.activation == nil { return linear }
      guard let node = node(value), ["Mul", "Div"].contains(node.operation),
        let input = hiddenInput(node)
      else { throw mismatch(value, expected: "the linear layer of queries, keys or values") }
      multiply(&settings, by: factor(node))
      value = input
    }
  }

  /// The factor of a node that scales hidden rows; nil if it is not a constant.
  private func factor(_ node: StoredNode) -> Double? {
    guard let other = node.inputs.compactMap({ $0 }).first(where: { !isHidden[$0] }),
      let number = graph.scalar(other)
    else { return nil }
    return node.operation == "Div" ? 1 / number : number
  }

  private func multiply(_ settings: inout AttentionSettings, by factor: Double?) {
    settings.scale = factor.flatMap { factor in settings.scale.map { $0 * factor } }
  }

  /// The number of heads into which a node divides rows; nil for another node, and where the graph does
  /// not state it.
  private func headCount(_ node: StoredNode) -> Int? {
    guard node.operation == "Reshape", let shape = node.input(1) else { return nil }
    let sizes = sizes(shape, depth: 0)
    guard sizes.count == 4, let count = sizes[2], count > 0 else { return nil }
    return count
  }

  /// The elements of a shape; nil for those that depend on a call.
  private func sizes(_ value: Value, depth: Int) -> [Int?] {
    if let constants = graph.integers(value) { return constants }
    guard depth < 8, let node = graph.producer(value) else { return [nil] }
    switch node.operation {
    case "Concat": return node.inputs.flatMap { $0.map { sizes($0, depth: depth + 1) } ?? [] }
    case "Unsqueeze", "Squeeze", "Cast", "Identity", "Reshape":
      return node.input(0).map { sizes($0, depth: depth + 1) } ?? [nil]
    default: return [nil]
    }
  }

  // MARK: Fused attention

  /// Attention of onnxruntime, whose weight [inputs, 3 outputs] has queries, keys and values.
  private func fusedAttention(_ node: StoredNode) -> AttentionMatch? {
    guard (node.integer("unidirectional") ?? 0) == 0, (node.integer("do_rotary") ?? 0) == 0,
      let input = node.input(0), var weight = matrix(node.input(1)),
      let bias = vector(node.input(2))
    else { return nil }
    if node.operation.hasSuffix("QAttention") {
      guard
        let floats = graph.dequantized(
          weight, scale: node.input(4), zeroPoint: node.input(7), axis: 1)
      else { return nil }
      weight = floats
    }
    let size = weight.shape[1] / 3
    let sizes = node.integers("qkv_hidden_sizes") ?? []
    guard size * 3 == weight.shape[1], bias.shape == [size * 3], let rows = weight.transposed,
      sizes.allSatisfy({ $0 == size || $0 == 0 })
    else { return nil }
    func layer(_ place: Int) -> AttentionMatch.Layer? {
      let range = place * size..<(place + 1) * size
      guard let weight = rows.rows(range), let bias = bias.rows(range) else { return nil }
      return .init(weight: weight, bias: bias)
    }
    guard let query = layer(0), let key = layer(1), let value = layer(2) else { return nil }
    return AttentionMatch(
      query: query, key: key, value: value, input: through(input), settings: settings(of: node))
  }

  /// Attention whose queries, keys and values other nodes compute, perhaps without the biases.
  private func attentionOfLayers(_ node: StoredNode) throws(ONNXImportError) -> AttentionMatch {
    var settings = AttentionSettings()
    guard let queries = node.input(0), let keys = node.input(1), let values = node.input(2),
      (node.integer("unidirectional") ?? 0) == 0, (node.integer("is_causal") ?? 0) == 0
    else { throw mismatch(node, expected: "attention with separate queries, keys and values") }
    var layers = [
      try layer(queries, &settings), try layer(keys, &settings), try layer(values, &settings),
    ]
    let isFused = node.operation.hasSuffix("MultiHeadAttention")
    if isFused, node.input(3) != nil {
      guard let biases = vector(node.input(3)), biases.shape[0] % 3 == 0 else {
        throw mismatch(node, expected: "attention with a constant bias")
      }
      let size = biases.shape[0] / 3
      for place in layers.indices where layers[place].bias == nil {
        layers[place].bias = biases.rows(place * size..<(place + 1) * size)
      }
    }
    var stated = self.settings(of: node)
    stated.headCount = stated.headCount ?? settings.headCount
    return try match(layers[0], layers[1], layers[2], stated, node)
  }

  /// The settings of a node that computes attention as a whole.
  private func settings(of node: StoredNode) -> AttentionSettings {
    let count = node.integer("num_heads") ?? node.integer("q_num_heads")
    let scale = node.float("scale").flatMap { $0 == 0 ? nil : Double($0) }
    return AttentionSettings(headCount: count, scale: scale)
  }

  private func mismatch(_ node: StoredNode, expected: String) -> ONNXImportError {
    .unexpectedNode(path: graph.file.path, found: node.title, expected: expected)
  }
}
