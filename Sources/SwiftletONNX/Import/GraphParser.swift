import SwiftletSystem

/// Parses an ONNX file into a ``StoredGraph``.
///
/// Memory is a small multiple of the file's size: counts have limits far above those of any BERT.
struct GraphParser {
  let bytes: UnsafeRawBufferPointer
  private(set) var producerName = ""
  private(set) var operatorSets: [(domain: String, version: Int)] = []
  private(set) var nodes: [StoredNode] = []
  private(set) var constants: [StoredConstant] = []
  private(set) var inputs: [StoredValue] = []
  private(set) var outputs: [StoredValue] = []
  private(set) var names: [String] = []
  private(set) var constantOfValue: [Int?] = []
  private(set) var producers: [(node: Int, output: Int)?] = []
  private var numbers: [String: StoredGraph.Value] = [:]
  private var entriesLeft = entryLimit
  private var hasGraph = false

  /// Nodes, names, attributes, dimensions and inputs of nodes together; BERT-large has some 30,000.
  private static let entryLimit = 1 << 18

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  // MARK: ModelProto, GraphProto

  /// Reads the whole file.
  mutating func parse() throws(ProtobufError) {
    var model = ProtobufReader(bytes, 0..<bytes.count)
    while let field = try model.next() {
      switch field.number {
      case FieldNumbers.Model.producerName: producerName = model.text(try field.range())
      case FieldNumbers.Model.graph:
        guard !hasGraph else { throw invalid("is a second graph", field) }
        hasGraph = true
        try parseGraph(try field.range())
      case FieldNumbers.Model.opsetImport: try parseOperatorSet(try field.range())
      case FieldNumbers.Model.functions:
        throw invalid(
          "is a function of the model; inline functions first, in Python: "
            + "onnx.inliner.inline_local_functions", field)
      default: break
      }
    }
    let lacking =
      !hasGraph
      ? "has no graph"
      : outputs.isEmpty
        ? "has a graph without outputs" : operatorSets.isEmpty ? "has no operator set" : nil
    if let lacking { throw .invalidMessage(reason: lacking, offset: 0) }
    inputs.removeAll { constantOfValue[$0.value] != nil }
  }

  private mutating func parseOperatorSet(_ range: Range<Int>) throws(ProtobufError) {
    var (domain, version) = ("", Int64(0))
    var reader = ProtobufReader(bytes, range)
    while let field = try reader.next() {
      switch field.number {
      case FieldNumbers.OperatorSetID.domain: domain = reader.text(try field.range())
      case FieldNumbers.OperatorSetID.version: version = try field.integer()
      default: break
      }
    }
    try take(1, at: range.lowerBound)
    operatorSets.append((domain, Int(truncatingIfNeeded: version)))
  }

  private mutating func parseGraph(_ range: Range<Int>) throws(ProtobufError) {
    var reader = ProtobufReader(bytes, range)
    while let field = try reader.next() {
      switch field.number {
      case FieldNumbers.Graph.node: try parseNode(try field.range())
      case FieldNumbers.Graph.initializer: try parseInitializer(try field.range())
      case FieldNumbers.Graph.input: inputs.append(try parseValue(try field.range()))
      case FieldNumbers.Graph.output: outputs.append(try parseValue(try field.range()))
      case FieldNumbers.Graph.sparseInitializer:
        throw invalid("is a sparse tensor, which Swiftlet does not read", field)
      default: break
      }
    }
  }

  private mutating func parseInitializer(_ range: Range<Int>) throws(ProtobufError) {
    let constant = try TensorParser(bytes, range).parse()
    try take(constant.shape.count, at: range.lowerBound)
    try define(constant, as: try number(constant.name, at: range.lowerBound), at: range.lowerBound)
  }

  // MARK: Nodes

  private mutating func parseNode(_ range: Range<Int>) throws(ProtobufError) {
    let index = nodes.count
    var (name, type, domain) = ("", "", "")
    var inputs: [StoredGraph.Value?] = []
    var outputs: [StoredGraph.Value?] = []
    var attributes: [StoredAttribute] = []
    var tensor: StoredConstant?
    var reader = ProtobufReader(bytes, range)
    while let field = try reader.next() {
      let place = field.offset
      switch field.number {
      case FieldNumbers.Node.input:
        inputs.append(try number(reader.text(try field.range()), at: place))
      case FieldNumbers.Node.output:
        outputs.append(try number(reader.text(try field.range()), at: place))
      case FieldNumbers.Node.name: name = reader.text(try field.range())
      case FieldNumbers.Node.opType: type = reader.text(try field.range())
      case FieldNumbers.Node.attribute:
        let parsed = try AttributeParser(bytes, try field.range()).parse()
        try take(parsed.entryCount, at: place)
        attributes.append(parsed.attribute)
        tensor = parsed.constant ?? tensor
      case FieldNumbers.Node.domain: domain = reader.text(try field.range())
      default: break
      }
    }
    if ["ai.onnx", ""].contains(domain) { domain = "" } else { domain += "." }
    if type == "Constant", domain.isEmpty, let tensor, let output = outputs.first ?? nil {
      return try define(tensor, as: output, at: range.lowerBound)
    }
    try take(1, at: range.lowerBound)
    for (place, output) in outputs.enumerated() {
      guard let output else { continue }
      try checkUndefined(output, at: range.lowerBound)
      producers[output] = (index, place)
    }
    nodes.append(
      StoredNode(
        operation: domain + type, name: name, index: index, inputs: inputs, outputs: outputs,
        attributes: attributes))
  }

  // MARK: Values

  /// The number of a value; nil for the empty name, an input that is left out.
  private mutating func number(
    _ name: String, at offset: Int
  ) throws(ProtobufError) -> StoredGraph.Value? {
    try take(1, at: offset)
    if name.isEmpty { return nil }
    if let number = numbers[name] { return number }
    numbers[name] = names.count
    names.append(name)
    constantOfValue.append(nil)
    producers.append(nil)
    return names.count - 1
  }

  private mutating func define(
    _ constant: StoredConstant, as value: StoredGraph.Value?, at offset: Int
  ) throws(ProtobufError) {
    guard let value else {
      throw .invalidMessage(reason: "is a tensor without a name", offset: offset)
    }
    try checkUndefined(value, at: offset)
    constantOfValue[value] = constants.count
    constants.append(constant.named(names[value]))
  }

  private func checkUndefined(
    _ value: StoredGraph.Value, at offset: Int
  ) throws(ProtobufError) {
    guard constantOfValue[value] == nil, producers[value] == nil else {
      throw .invalidMessage(reason: "defines \"\(names[value])\" again", offset: offset)
    }
  }

  /// Parses an input or output of the graph.
  private mutating func parseValue(_ range: Range<Int>) throws(ProtobufError) -> StoredValue {
    let parsed = try ValueParser(bytes, range).parse()
    try take(parsed.shape?.count ?? 0, at: range.lowerBound)
    guard let value = try number(parsed.name, at: range.lowerBound) else {
      throw .invalidMessage(
        reason: "is an input or output without a name", offset: range.lowerBound)
    }
    return StoredValue(name: parsed.name, type: parsed.type, shape: parsed.shape, value: value)
  }

  private mutating func take(_ entries: Int, at offset: Int) throws(ProtobufError) {
    entriesLeft -= entries
    guard entriesLeft >= 0 else {
      throw .invalidMessage(
        reason: "exceeds the limit of \(Self.entryLimit) nodes, names, attributes and dimensions",
        offset: offset)
    }
  }

  private func invalid(_ reason: String, _ field: ProtobufReader.Field) -> ProtobufError {
    .invalidMessage(reason: reason, offset: field.offset)
  }
}
