import SwiftletCheckpoint
import SwiftletSafetensors

extension ModelGraph {
  /// The value of a parameter as float32, in the shape of the checkpoint.
  mutating func parameter(_ name: String) throws(ONNXExportError) -> String {
    if let value = parameterValues[name] { return value }
    let saved = weights.savedName(name)
    let value: String
    if name == Architecture.wordEmbeddings + ".weight", let table = try exactWords() {
      value = builder.add(
        TensorMessage(
          name: saved, type: .float32, shape: [table.scales.count, table.columns],
          content: .payload(table.floats)))
    } else {
      value = try add(try weights.tensor(name), named: saved)
    }
    parameterValues[name] = value
    return value
  }

  /// Adds a stored tensor; returns its value as float32, which is converted in the graph if the
  /// tensor is a link to other floats.
  private mutating func add(
    _ tensor: StoredTensor, named name: String
  ) throws(ONNXExportError) -> String {
    guard let folder = options.linkedFolder else {
      return builder.add(
        TensorMessage(
          name: name, type: .float32, shape: tensor.info.shape, content: .payload(.float32(tensor)))
      )
    }
    let place = try ExternalPlace(of: tensor, from: folder)
    guard let type = ElementType(tensor.info.dataType) else {
      throw .notLinkable(
        file: tensor.path,
        reason: "tensor \"\(tensor.info.name)\" has the type \(tensor.info.dataType.rawValue)")
    }
    let value = builder.add(
      TensorMessage(name: name, type: type, shape: tensor.info.shape, content: .external(place)))
    guard type != .float32 else { return value }
    return builder.add(
      "Cast", value, attributes: [.int("to", ElementType.float32.rawValue)])
  }

  /// The value of a weight [N, K] transposed: [K, N].
  ///
  /// Programs fold the transposition of a link, and that of a table with two readers, when they
  /// load the graph.
  private mutating func transposed(_ name: String) throws(ONNXExportError) -> String {
    // The exact form rounds the table, not a copy of it.
    let tied = try weights.tiedName(of: name, orCopied: options.quantization != .exact)
    guard options.linkedFolder != nil || tied != nil else {
      let tensor = try weights.tensor(name)
      return builder.add(
        TensorMessage(
          name: weights.savedName(name) + "_transposed", type: .float32,
          shape: tensor.info.shape.reversed(), content: .payload(.transposed(tensor))))
    }
    return builder.add(
      "Transpose", try parameter(tied ?? name), attributes: [.ints("perm", [1, 0])])
  }

  /// x[…, K] W[N, K]ᵀ + b[N] for a layer over rows of any rank.
  mutating func linear(_ x: String, _ module: String) throws(ONNXExportError) -> String {
    builder.scope = scope(module)
    let product = builder.add("MatMul", x, try transposed(module + ".weight"))
    return builder.add("Add", product, try parameter(module + ".bias"))
  }

  /// x[B, K] W[N, K]ᵀ + b[N] for a layer over one row of each sequence, whose weight keeps the
  /// shape of the checkpoint.
  mutating func rowLinear(_ x: String, _ module: String) throws(ONNXExportError) -> String {
    let (weight, bias) = (try parameter(module + ".weight"), try parameter(module + ".bias"))
    builder.scope = scope(module)
    return builder.add("Gemm", x, weight, bias, attributes: [.int("transB", 1)])
  }

  /// The dense layer of a sentence model, from a checkpoint of its own.
  mutating func dense(
    _ x: String, _ layer: SentenceTail.DenseLayer
  ) throws(ONNXExportError) -> String {
    builder.scope = "/dense/linear"
    var inputs = [x]
    for parameter in layer.parameters {
      let tensor = try reading { () throws(CheckpointError) in
        try layer.checkpoint.tensor(parameter)
      }
      inputs.append(try add(tensor, named: "dense." + parameter.name))
    }
    let sum = builder.add("Gemm", inputs, outputs: 1, [.int("transB", 1)])[0]
    return builder.activation(layer.activation, sum)
  }
}
