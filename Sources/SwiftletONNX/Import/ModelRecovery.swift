import SwiftletCheckpoint
import SwiftletSafetensors
import SwiftletSystem

/// Recovers the parameters of a model from its graph: from each output back to the embeddings, in the
/// order in which the model computes.
///
/// What a constant is used for decides which parameter it is. Every step must find the operation that the
/// model has there, so a graph of another model is an error, never a model with wrong answers.
struct ModelRecovery {
  let matcher: GraphMatcher
  let configuration: ModelConfiguration
  private(set) var parameters: [String: TensorView] = [:]
  /// The hidden rows that the graph computes, last layer first; empty before the first output is read.
  private(set) var hidden: [StoredGraph.Value] = []
  /// Copies of parameters, which the model does not need.
  var copies: [TensorView] = []

  var graph: StoredGraph { matcher.graph }
  var architecture: Architecture { configuration.architecture }

  init(_ graph: StoredGraph, _ configuration: ModelConfiguration) {
    matcher = GraphMatcher(graph)
    self.configuration = configuration
  }

  // MARK: The body

  /// Reads the layers before the hidden rows `value`, and the embeddings.
  mutating func readBody(_ value: StoredGraph.Value) throws(ONNXImportError) {
    var value = matcher.through(value)
    guard hidden.isEmpty else {
      guard hidden.contains(value) else {
        throw matcher.mismatch(value, expected: "the same layers for every output")
      }
      return
    }
    var layers: [LayerMatch] = []
    hidden = [value]
    while matcher.embeddings(value) == nil {
      guard layers.count < configuration.layerCount else {
        throw layerCountError("more than \(configuration.layerCount) layers")
      }
      let layer = try layer(value)
      layers.append(layer)
      value = layer.input
      hidden.append(value)
    }
    guard layers.count == configuration.layerCount else {
      throw layerCountError("\(layers.count) layers")
    }
    try readEmbeddings(value)
    for (index, layer) in layers.reversed().enumerated() {
      try bind(layer, architecture.layer(index))
    }
  }

  /// A transformer layer.
  private struct LayerMatch {
    let attention: AttentionMatch
    let attentionOutput: LinearMatch
    let attentionNorm: NormMatch
    let lin1: LinearMatch
    let lin2: LinearMatch
    let outputNorm: NormMatch
    let input: StoredGraph.Value
  }

  private func layer(_ value: StoredGraph.Value) throws(ONNXImportError) -> LayerMatch {
    let outputNorm = try norm(value)
    let (lin2, middle) = try matcher.residual(outputNorm)
    let feedForward = try matcher.activated(lin2.input, scale: lin2.inputScale)
    try check(feedForward, is: configuration.activation, architecture.keys.activation)
    guard feedForward.linear.input == middle else {
      throw matcher.mismatch(middle, expected: "the input of the feed-forward layers")
    }
    let attentionNorm = try norm(middle)
    let (output, input) = try matcher.residual(attentionNorm)
    guard output.inputScale == 1 else {
      throw matcher.mismatch(middle, expected: "the sum of attention and its input")
    }
    let attention = try matcher.attention(output.input)
    guard attention.input == input else {
      throw matcher.mismatch(input, expected: "the input of attention")
    }
    try check(attention.settings)
    return LayerMatch(
      attention: attention, attentionOutput: output, attentionNorm: attentionNorm,
      lin1: feedForward.linear, lin2: lin2, outputNorm: outputNorm, input: input)
  }

  private mutating func bind(_ layer: LayerMatch, _ prefix: String) throws(ONNXImportError) {
    let names = architecture.parts(of: .queryKeyValue)
    let attention = layer.attention
    for (name, part) in zip(names, [attention.query, attention.key, attention.value]) {
      try bind(prefix + name, part.weight, part.bias)
    }
    try bind(prefix + architecture.parts(of: .attentionOutput)[0], layer.attentionOutput)
    try bind(prefix + architecture.attentionNorm, layer.attentionNorm)
    try bind(prefix + architecture.parts(of: .lin1)[0], layer.lin1)
    try bind(prefix + architecture.parts(of: .lin2)[0], layer.lin2)
    try bind(prefix + architecture.outputNorm, layer.outputNorm)
  }

  /// The layer normalisation that computes a value.
  func norm(_ value: StoredGraph.Value) throws(ONNXImportError) -> NormMatch {
    guard let norm = matcher.norm(value) else {
      throw matcher.mismatch(value, expected: "a layer normalisation")
    }
    return norm
  }

  // MARK: Embeddings

  private mutating func readEmbeddings(
    _ value: StoredGraph.Value
  ) throws(ONNXImportError) {
    guard let match = matcher.embeddings(value) else {
      throw matcher.mismatch(value, expected: "the embeddings")
    }
    let size = configuration.hiddenSize
    var roles = [
      TableRole(
        name: Architecture.wordEmbeddings, shape: [configuration.vocabularySize, size],
        input: "input"),
      TableRole(
        name: Architecture.positionEmbeddings, shape: [configuration.maxPositions, size],
        input: "position"),
    ]
    if configuration.typeVocabularySize > 0 {
      roles.append(
        TableRole(
          name: Architecture.typeEmbeddings, shape: [configuration.typeVocabularySize, size],
          input: "type"))
    }
    guard match.tables.count <= roles.count else {
      throw matcher.mismatch(
        value, expected: "the sum of \(roles.count) embeddings (\(roles.map(\.name)))")
    }
    for (role, table) in TableRole.assignment(of: match.tables, to: roles) {
      try bind(role.name + ".weight", table)
    }
    try check(epsilon: match.epsilon)
    try bind(Architecture.embeddingNorm, match.weight, match.bias)
  }

  // MARK: Binding

  /// Records the tensor of a parameter.
  ///
  /// - Throws: `unexpectedNode` for integers that no node dequantises, and if another tensor is the
  ///   parameter.
  mutating func bind(_ name: String, _ view: TensorView) throws(ONNXImportError) {
    guard view.quantization != nil || graph.constants[view.constant].type?.isFloat == true else {
      throw .unexpectedNode(
        path: graph.file.path, found: "the integers \(quoted(graph.name(of: view)))",
        expected: "floats for \(name)")
    }
    if let other = parameters[name], other != view {
      throw .unexpectedNode(
        path: graph.file.path, found: "a second tensor (\(quoted(graph.name(of: view))))",
        expected: "one tensor for \(name)")
    }
    parameters[name] = view
  }

  mutating func bind(
    _ name: String, _ weight: TensorView, _ bias: TensorView?
  ) throws(ONNXImportError) {
    try bind(name + ".weight", weight)
    if let bias { try bind(name + ".bias", bias) }
  }

  mutating func bind(_ name: String, _ linear: LinearMatch) throws(ONNXImportError) {
    try bind(name, linear.weight, linear.bias)
  }

  mutating func bind(_ name: String, _ norm: NormMatch) throws(ONNXImportError) {
    try check(epsilon: norm.epsilon)
    try bind(name, norm.weight, norm.bias)
  }
}
