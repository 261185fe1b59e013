import SwiftletCheckpoint

extension ModelRecovery {
  /// Reads every output of the graph.
  ///
  /// - Throws: ``ONNXImportError`` for an output that no head of DistilBERT or BERT computes.
  mutating func readOutputs() throws(ONNXImportError) {
    var others: [StoredGraph.Value] = []
    for output in graph.outputs where try !readHead(output.value) { others.append(output.value) }
    for output in others { try readPooled(output) }
    guard !hidden.isEmpty else {
      throw matcher.mismatch(graph.outputs[0].value, expected: "the output of a model")
    }
  }

  /// Reads the head or the body that computes an output; false for another output.
  private mutating func readHead(_ output: StoredGraph.Value) throws(ONNXImportError) -> Bool {
    // Probabilities are logits behind a function.
    let value = matcher.through(output, GraphMatcher.layout.union(["Softmax", "Sigmoid"]))
    if matcher.norm(value) != nil || matcher.embeddings(value) != nil {
      try readBody(value)
      return true
    }
    if let question = questionLayer(value) {
      try readBody(question.input)
      try bind(Architecture.questionLayer, question)
      return true
    }
    if let last = matcher.linear(value), last.activation == nil {
      try readClassifier(last)
      return true
    }
    return try readPooler(value)
  }

  // MARK: Classifiers

  private mutating func readClassifier(_ last: LinearMatch) throws(ONNXImportError) {
    if let norm = matcher.norm(last.input) {
      return try isHidden(norm)
        ? readTokenLayer(last) : readMaskedLanguageHead(last, norm)
    }
    if matcher.embeddings(last.input) != nil { return try readTokenLayer(last) }
    guard try readPooler(last.input) else {
      let pooler = try? matcher.activated(last.input).linear
      throw matcher.mismatch(
        pooler?.input ?? last.input, expected: "the first hidden row of each sequence, or all rows")
    }
    // The second head of pre-training says whether a sentence follows another.
    let isNextSentence = configuration.architectures.contains {
      $0.hasSuffix("ForPreTraining") || $0.hasSuffix("ForNextSentencePrediction")
    }
    try bind(isNextSentence ? "cls.seq_relationship" : Architecture.classifier, last)
  }

  /// Whether a norm is the end of a layer, not of the transformation of a masked language model.
  private func isHidden(_ norm: NormMatch) -> Bool {
    norm.inputs.count + norm.biases.count > 1 || matcher.addends(norm.inputs).values.count > 1
  }

  /// Reads a layer over all hidden rows: a token classifier, or both logits of answers.
  private mutating func readTokenLayer(_ last: LinearMatch) throws(ONNXImportError) {
    try readBody(last.input)
    let isQuestion =
      configuration.architectures.contains { $0.hasSuffix("QuestionAnswering") }
      && last.weight.shape[0] == 2
    try bind(isQuestion ? Architecture.questionLayer : Architecture.classifier, last)
  }

  /// Reads the dense layer over the first rows; false if another operation computes the value.
  private mutating func readPooler(_ value: StoredGraph.Value) throws(ONNXImportError) -> Bool {
    guard let pooler = try? matcher.activated(value), let rows = firstRows(pooler.linear.input)
    else { return false }
    try readBody(rows)
    try check(pooler, is: architecture == .bert ? .tanh : .relu, architecture.pooler)
    try bind(architecture.pooler, pooler.linear)
    return true
  }

  /// The hidden rows whose first row of each sequence a value is; nil for another value.
  private func firstRows(_ value: StoredGraph.Value) -> StoredGraph.Value? {
    guard let node = matcher.node(matcher.through(value)), let input = node.input(0) else {
      return nil
    }
    switch node.operation {
    case "Gather":
      guard [1, -2].contains(node.integer("axis") ?? 0), let index = node.input(1),
        graph.integers(index) == [0]
      else { return nil }
    case "Slice":
      func list(_ place: Int, _ name: String) -> [Int]? {
        node.input(place).flatMap { graph.integers($0) } ?? node.integers(name)
      }
      guard list(1, "starts") == [0], list(2, "ends") == [1], let axes = list(3, "axes"),
        axes == [1] || axes == [-2]
      else { return nil }
    case "GatherND":
      // The first row that the mask keeps, for sequences padded on the left.
      guard node.integer("batch_dims") == 1, let index = node.input(1), !matcher.isHidden[index],
        graph.producer(index)?.operation == "ArgMax"
      else { return nil }
    default: return nil
    }
    return matcher.through(input)
  }

  // MARK: Answers

  /// The layer of whose two outputs a value is one; nil for another value.
  private func questionLayer(_ value: StoredGraph.Value) -> LinearMatch? {
    var value = value
    let moves = GraphMatcher.layout.union(["Split", "Slice", "Gather"])
    var isSplit = false
    while let node = graph.producer(value), moves.contains(node.operation),
      let input = node.input(0), matcher.isHidden[input], matcher.linear(value) == nil
    {
      isSplit = isSplit || ["Split", "Slice", "Gather"].contains(node.operation)
      value = input
    }
    guard isSplit, let linear = matcher.linear(value), linear.activation == nil,
      linear.weight.shape[0] == 2
    else { return nil }
    return linear
  }

  // MARK: Masked language models

  private mutating func readMaskedLanguageHead(
    _ projector: LinearMatch, _ norm: NormMatch
  ) throws(ONNXImportError) {
    let names = architecture.maskedLanguageHead
    let transform = try matcher.activated(norm.inputs[0])
    try check(transform, is: configuration.activation, architecture.keys.activation)
    try readBody(transform.linear.input)
    try bind(names.transform, transform.linear)
    try bind(names.norm, norm)
    let isTied = configuration.tiesWordEmbeddings
    if let bias = projector.bias {
      try bind(
        isTied ? names.tiedBias ?? names.projector + ".bias" : names.projector + ".bias", bias)
    }
    // A tied projector is the table of the embeddings, or a transposed copy of it.
    if isTied, let words = parameters[Architecture.wordEmbeddings + ".weight"],
      try graph.areEqual(words, projector.weight)
    {
      copies.append(projector.weight)
      return
    }
    try bind(names.projector + ".weight", projector.weight)
  }

  // MARK: Sentence embeddings and other outputs

  /// Reads an output that the graph computes from hidden rows without other weights, such as their mean.
  private mutating func readPooled(_ output: StoredGraph.Value) throws(ONNXImportError) {
    var open = [output]
    var seen: Set<StoredGraph.Value> = [output]
    var rows: StoredGraph.Value?
    while let next = open.popLast() {
      let value = matcher.through(next)
      if matcher.norm(value) != nil || matcher.embeddings(value) != nil {
        // An output may read several layers; the last of them is computed after the others.
        if order(value) > rows.map(order) ?? -1 { rows = value }
        continue
      }
      guard let node = graph.producer(value) else { continue }
      let inputs = node.inputs.compactMap { $0 }
      open += inputs.reversed().filter { matcher.isHidden[$0] && seen.insert($0).inserted }
    }
    guard let rows else {
      throw matcher.mismatch(output, expected: "the output of a model")
    }
    try readBody(rows)
  }

  private func order(_ value: StoredGraph.Value) -> Int { graph.producers[value]?.node ?? 0 }
}
