import SwiftletCheckpoint
import SwiftletSystem

extension ModelRecovery {
  /// Throws unless a function of the graph is that of the configuration, or the approximation that an
  /// optimiser made of it.
  func check(
    _ match: ActivatedMatch, is expected: HiddenActivation, _ key: String
  ) throws(ONNXImportError) {
    let found = ActivationValues.function(match.values)
    let isOptimised = match.isApproximate && expected == .gelu && found == .geluTanh
    guard found != expected, !isOptimised else { return }
    throw contradiction(
      key, configured: expected.rawValue,
      found: found?.rawValue ?? "of a function that Swiftlet does not know")
  }

  /// Throws unless the epsilon of a norm is that of the configuration, up to the precision of float16.
  func check(epsilon: Double) throws(ONNXImportError) {
    let expected = Double(configuration.normEpsilon)
    // Below 2^-24, float16 has no positive number.
    let isLost = epsilon < 0x1p-24 && expected < 0x1p-24
    guard !isLost, abs(epsilon - expected) > 1e-2 * expected else { return }
    throw contradiction(
      "layer_norm_eps", configured: "\(configuration.normEpsilon)", found: "\(Float(epsilon))")
  }

  /// Throws if the graph states another number of heads.
  func check(_ settings: AttentionSettings) throws(ONNXImportError) {
    let key = architecture.keys.headCount[0]
    if let count = settings.headCount, count != configuration.headCount {
      throw contradiction(key, configured: "\(configuration.headCount)", found: "\(count)")
    }
    guard let scale = settings.scale else { return }
    let expected = 1 / Double(configuration.headSize).squareRoot()
    guard abs(scale - expected) > 1e-2 * expected else { return }
    throw contradiction(
      key, configured: "\(configuration.headCount) (attention scaled by \(Float(expected)))",
      found: "of another value (attention scaled by \(Float(scale)))")
  }

  func layerCountError(_ found: String) -> ONNXImportError {
    contradiction(
      architecture.keys.layerCount[0], configured: "\(configuration.layerCount)", found: found)
  }

  private func contradiction(
    _ key: String, configured: String, found: String
  ) -> ONNXImportError {
    .contradiction(path: graph.file.path, key: "\"\(key)\"", configured: configured, found: found)
  }

  // MARK: Completeness

  /// Throws unless the parameters of the body are complete with their shapes, and all weights of the graph
  /// are parameters.
  func checkCompleteness() throws(ONNXImportError) {
    let expected = configuration.parameters()
    let missing = expected.map(\.name).filter { parameters[$0] == nil }
    guard missing.isEmpty else {
      throw .missingParameters(path: graph.file.path, names: missing)
    }
    for parameter in expected {
      guard let view = parameters[parameter.name], view.shape != parameter.shape else { continue }
      throw .wrongShape(
        path: graph.file.path, parameter: parameter.name, tensor: graph.name(of: view),
        expected: parameter.shape, found: view.shape)
    }
    let leftOver = leftOver
    guard leftOver.isEmpty else {
      throw .leftOver(path: graph.file.path, tensors: leftOver)
    }
  }

  /// The weights that the outputs depend on and that no parameter has.
  private var leftOver: [String] {
    var isBound = [Bool](repeating: false, count: graph.constants.count)
    for view in Array(parameters.values) + copies {
      for source in graph.sources(of: view) { isBound[source] = true }
    }
    var isNeeded = [Bool](repeating: false, count: graph.names.count)
    for output in graph.outputs { isNeeded[output.value] = true }
    for node in graph.nodes.reversed()
    where node.outputs.contains(where: { $0.map { isNeeded[$0] } ?? false }) {
      for case let input? in node.inputs { isNeeded[input] = true }
    }
    return graph.names.indices.compactMap { value in
      guard isNeeded[value], let constant = graph.constantOfValue[value], !isBound[constant],
        graph.constants[constant].isWeight
      else { return nil }
      return graph.names[value]
    }
  }
}

/// A table of the embeddings that a model has.
struct TableRole {
  let name: String
  let shape: [Int]
  /// A part of the name of the input that selects the rows.
  let input: String

  /// The most plausible roles of tables: by shape, then by the inputs that select their rows.
  static func assignment(
    of tables: [EmbeddingsMatch.Table], to roles: [TableRole]
  ) -> [(TableRole, TensorView)] {
    var best: (roles: [Int], score: Int) = ([], -1)
    for order in orders(of: roles.count, taking: tables.count) {
      let score = zip(order, tables).reduce(0) { $0 + roles[$1.0].score(of: $1.1) }
      if score > best.score { best = (order, score) }
    }
    return zip(best.roles, tables).map { (roles[$0], $1.view) }
  }

  private func score(of table: EmbeddingsMatch.Table) -> Int {
    var score = table.view.shape == shape ? 100 : 0
    guard let source = table.input?.lowercased() else { return score + (input == "input" ? 0 : 1) }
    let kind =
      source.contains("position")
      ? "position" : source.contains("type") || source.contains("segment") ? "type" : "input"
    if kind == input { score += 10 }
    return score
  }

  /// All ways to take `count` of the first numbers in order.
  private static func orders(of total: Int, taking count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return orders(of: total, taking: count - 1).flatMap { order in
      (0..<total).filter { !order.contains($0) }.map { order + [$0] }
    }
  }
}
