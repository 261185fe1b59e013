package import SwiftletSystem

/// Why the encoder can't run the model in a directory.
package enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadableConfiguration(path: String, reason: String)
  case invalidConfiguration(path: String, reason: String)
  case unsupportedArchitecture(path: String, found: String)
  case prunedHeads(path: String)
  /// A value of the configuration asks for a computation that the encoder does not have.
  case unsupportedFeature(path: String, key: String, found: String, supported: String)
  /// Another program's quantised weights; `method` is what `quantization_config` calls the method.
  case unsupportedQuantization(path: String, method: String?)
  /// Another program's quantised weights, which the configuration does not mention.
  case quantizedWeights(path: String, ForeignQuantization)
  case missingWeights(reason: String)
  case weights(reason: String)
  /// Tensors whose names are equal without the wrappers of PyTorch.
  case ambiguousTensor(path: String, names: [String])
  case missingTensors(path: String, names: [String])
  case wrongShape(path: String, tensor: String, expected: [Int], found: [Int])
  /// A tensor of the int8 format has another type.
  case wrongType(path: String, tensor: String, expected: String, found: String)
  /// A scale of the int8 format is NaN, infinite or negative.
  case invalidScale(path: String, tensor: String, row: Int, found: String)
  /// A row of float embeddings has an infinity or NaN, for which int8 has no scale.
  case notQuantizable(path: String, tensor: String, row: Int)
  /// A version of the int8 format that this reader does not know.
  case unknownFormat(path: String, found: String)
  /// The caller wants float32, but the checkpoint has int8.
  case alreadyQuantized(path: String)
  case unwritable(reason: String)
  case kernels(reason: String)
  /// The system refused memory for the weights or for a pass.
  case memory(MemoryError)

  package var description: String {
    switch self {
    case .unreadableConfiguration(let path, let reason):
      "cannot read the configuration \(path): \(reason)"
    case .invalidConfiguration(let path, let reason):
      "\(path) is not a usable configuration: \(reason)"
    case .unsupportedArchitecture(let path, let found):
      "\(path) describes a model of type \"\(found)\"; Swiftlet runs only \"distilbert\" and \"bert\": "
        + "use a model of one of these types"
    case .unsupportedFeature(let path, let key, let found, let supported):
      "\(path) has \"\(key)\" \(found); Swiftlet runs only \(supported)"
    case .prunedHeads(let path):
      "\(path) has pruned attention heads (\"pruned_heads\"), which Swiftlet does not run; "
        + "use the model as it was before pruning"
    case .unsupportedQuantization(let path, let method):
      "\(path) describes weights quantised "
        + (method.map { "by the method \"\($0)\"" } ?? "by a method without a \"quant_method\"")
        + " (\"quantization_config\"); Swiftlet reads only \"\(QuantizedFormat.name)\": take "
        + "the model with float weights, and run it with precision int8 or quantise it with Swiftlet"
    case .quantizedWeights(let path, let found):
      "the weights in \(path) are quantised"
        + (found.method.map { " by \($0)" } ?? "")
        + " (tensor \"\(found.tensor)\" has the type \(found.dataType)), and Swiftlet reads only its own "
        + "quantised weights; take the model with float weights, and run it with precision "
        + "int8 or quantise it with Swiftlet"
    case .ambiguousTensor(let path, let names):
      "\(path) has \(names.map { "\"\($0)\"" }.joined(separator: " and ")), which are one tensor "
        + "without \"_orig_mod.\" and \"module.\"; save the model again without its wrapper"
    case .weights(let reason), .missingWeights(let reason):
      reason
    case .missingTensors(let path, let names):
      "\(path) lacks \(names.count == 1 ? "the tensor" : "\(names.count) tensors") "
        + Self.list(names) + " that the configuration calls for; "
        + "is it the checkpoint of another architecture or head?"
    case .wrongShape(let path, let tensor, let expected, let found):
      "tensor \"\(tensor)\" in \(path) has the shape \(found), where the configuration calls for "
        + "\(expected)"
    case .wrongType(let path, let tensor, let expected, let found):
      "tensor \"\(tensor)\" in \(path) has the type \(found), where the format calls for \(expected)"
    case .invalidScale(let path, let tensor, let row, let found):
      "the scale of row \(row) in tensor \"\(tensor)\" in \(path) is \(found), where the format calls "
        + "for a finite number that is not negative; the file is damaged: quantise the original "
        + "model again"
    case .notQuantizable(let path, let tensor, let row):
      "row \(row) of tensor \"\(tensor)\" in \(path) has an infinity or NaN, which int8 can't hold; "
        + "the model is damaged: take another copy of it"
    case .unknownFormat(let path, let found):
      "the int8 weights in \(path) have format version \(found); this Swiftlet reads versions "
        + QuantizedFormat.Version.allCases.map(\.rawValue).joined(separator: " and ")
        + ": quantise the original model again, or use the Swiftlet that wrote them"
    case .alreadyQuantized(let path):
      "the weights in \(path) are stored as int8 and can't become floats again; run them with "
        + "precision int8, or use the model that they were made from"
    case .kernels(let reason), .unwritable(let reason):
      reason
    case .memory(let error): error.description
    }
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
    return names.count > 5 ? shown + " and \(names.count - 5) more" : shown
  }
}

/// Runs `body`, which reserves memory; the system's refusal becomes a `CheckpointError`.
package func reserving<Value: ~Copyable>(
  _ body: () throws(MemoryError) -> Value
) throws(CheckpointError) -> Value {
  do throws(MemoryError) { return try body() } catch { throw .memory(error) }
}
