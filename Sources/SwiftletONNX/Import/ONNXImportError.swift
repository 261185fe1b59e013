import SwiftletSafetensors
package import SwiftletSystem

/// Why an ONNX file can't be loaded as a model. Descriptions name the file, what was found and expected,
/// and what to do.
package enum ONNXImportError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(reason: String)
  /// The file is not a valid ONNX model.
  case damaged(path: String, reason: String)
  /// A tensor's data is in another file that may not or can't be read.
  case externalData(path: String, tensor: String, location: String, reason: String)
  /// A node is not what the model has at its place.
  case unexpectedNode(path: String, found: String, expected: String)
  /// The graph computes something else than the configuration says.
  case contradiction(path: String, key: String, configured: String, found: String)
  /// Parameters of the configuration that the graph does not have.
  case missingParameters(path: String, names: [String])
  case wrongShape(path: String, parameter: String, tensor: String, expected: [Int], found: [Int])
  /// Weights that are not parameters of the configuration.
  case leftOver(path: String, tensors: [String])
  /// The system refused memory for converted weights.
  case memory(MemoryError)

  package var description: String {
    switch self {
    case .unreadable(let reason): reason
    case .damaged(let path, let reason):
      "\(path) is not a valid ONNX file: \(reason); download or export it again"
    case .externalData(let path, let tensor, let location, let reason):
      "\(path): the data of the tensor \(quoted(tensor)) is in the file \(quoted(location)), which "
        + reason
    case .unexpectedNode(let path, let found, let expected):
      "\(path): found \(found) where \(expected) is expected; Swiftlet reads graphs of DistilBERT "
        + "and BERT alone, so \(Self.advice)"
    case .contradiction(let path, let key, let configured, let found):
      "\(path) computes with \(key) \(found), but config.json has \(configured); correct config.json "
        + "if the graph is right"
    case .missingParameters(let path, let names):
      "\(path) lacks \(Self.list(names)), which config.json calls for; use the config.json that "
        + "belongs to the graph, or \(Self.advice)"
    case .wrongShape(let path, let parameter, let tensor, let expected, let found):
      "\(path): the tensor \(quoted(tensor)) has the shape \(found), but \(parameter) has the shape "
        + "\(expected) by config.json; use the config.json that belongs to the graph, or "
        + Self.advice
    case .leftOver(let path, let tensors):
      "\(path) has weights that are not part of the model in config.json: \(Self.list(tensors)); "
        + "use the config.json that belongs to the graph, or \(Self.advice)"
    case .memory(let error): error.description
    }
  }

  private static let advice = "use the model's safetensors"

  private static func list(_ names: [String]) -> String {
    names.prefix(5).map(quoted).joined(separator: ", ")
      + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}
