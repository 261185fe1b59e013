/// The tables of the embeddings, whose rows a layer normalisation sums.
struct EmbeddingsMatch {
  /// A table and the graph's input that selects its rows; nil for rows that follow from the length.
  typealias Table = (view: TensorView, input: String?)

  var tables: [Table]
  /// Weight and bias of the normalisation.
  let weight: TensorView
  let bias: TensorView
  let epsilon: Double
}

extension GraphMatcher {
  /// The embeddings that a value is; nil if another operation computes it.
  func embeddings(_ value: Value) -> EmbeddingsMatch? {
    let value = through(value)
    if let node = node(value), Self.fusedEmbeddings.contains(node.operation) {
      return fusedEmbeddings(node)
    }
    guard let norm = norm(value) else { return nil }
    let sum = addends(norm.inputs)
    let tables = sum.values.compactMap(table) + (norm.biases + sum.vectors).map { ($0, nil) }
    guard tables.count == sum.values.count + norm.biases.count + sum.vectors.count, tables.count > 1
    else { return nil }
    return EmbeddingsMatch(
      tables: tables, weight: norm.weight, bias: norm.bias, epsilon: norm.epsilon)
  }

  /// The table whose rows a value has; nil if it has others.
  private func table(_ value: Value) -> EmbeddingsMatch.Table? {
    if let view = matrix(value) { return (view, nil) }
    guard let node = graph.producer(value), let input = node.input(0) else { return nil }
    switch node.operation {
    case "Gather":
      guard (node.integer("axis") ?? 0) == 0, let view = matrix(input) else { return nil }
      return (view, node.input(1).flatMap(source))
    case "Slice": return matrix(input).map { ($0, nil) }
    case "DequantizeLinear":
      guard let (view, source) = table(through(input, ["Identity", "Reshape"])) else { return nil }
      return graph.dequantized(
        view, scale: node.input(1), zeroPoint: node.input(2), axis: node.integer("axis") ?? 1
      ).map { ($0, source) }
    case "Mul": return scaledTable(node)
    case "Expand", "Unsqueeze", "Reshape", "Squeeze", "Cast", "Identity": return table(input)
    default: return nil
    }
  }

  /// Mul(Cast(Gather(bytes, ids)), Gather(scales, ids)), as Swiftlet exports its own integers.
  private func scaledTable(_ node: StoredNode) -> EmbeddingsMatch.Table? {
    for (rows, scales) in pairs(node) {
      guard let rows = operation("Gather", through(rows, ["Cast", "Identity"])),
        let scales = operation("Gather", scales), rows.input(1) == scales.input(1),
        (rows.integer("axis") ?? 0) == 0, (scales.integer("axis") ?? 0) == 0,
        let view = matrix(rows.input(0)),
        let table = graph.dequantized(view, scale: scales.input(0), zeroPoint: nil, axis: 0)
      else { continue }
      return (table, rows.input(1).flatMap(source))
    }
    return nil
  }

  /// The name of the graph's input from which numbers of rows come; nil if they follow from shapes.
  private func source(_ value: Value) -> String? {
    var open = [value]
    var seen: Set<Value> = [value]
    while let next = open.popLast() {
      if let input = graph.inputs.first(where: { $0.value == next }) { return input.name }
      guard let node = graph.producer(next), !["Shape", "Size"].contains(node.operation) else {
        continue
      }
      // A condition or a shape only selects.
      let inputs = node.operation == "Expand" ? node.inputs.prefix(1) : node.inputs[...]
      open += inputs.compactMap { $0 }.reversed().filter { seen.insert($0).inserted }
    }
    return nil
  }

  private func fusedEmbeddings(_ node: StoredNode) -> EmbeddingsMatch? {
    let isQuantized = node.operation.hasPrefix("com.microsoft.QEmbed")
    /// The constant `place` from the words on, which a quantised node multiplies with a scale.
    func view(_ place: Int, rank: Int) -> TensorView? {
      guard let value = node.input(2 + place), let view = graph.view(value)?.withRank(rank) else {
        return nil
      }
      guard isQuantized else { return view }
      return graph.dequantized(
        view, scale: node.input(8 + place), zeroPoint: node.input(13 + place), axis: 0)
    }
    guard let words = view(0, rank: 2), let positions = view(1, rank: 2),
      let weight = view(3, rank: 1), let bias = view(4, rank: 1)
    else { return nil }
    var tables: [EmbeddingsMatch.Table] = [(words, "input_ids"), (positions, nil)]
    if node.input(4) != nil {
      guard let types = view(2, rank: 2) else { return nil }
      tables.append((types, "token_type_ids"))
    }
    return EmbeddingsMatch(
      tables: tables, weight: weight, bias: bias,
      epsilon: Double(node.float("epsilon") ?? 1e-12))
  }
}
