package import SwiftletCheckpoint
import SwiftletSystem

/// Why a model can't be written as an ONNX graph.
package enum ONNXExportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The weights can't be read, or are not those of the configuration.
  case checkpoint(CheckpointError)
  /// The graph would link to a file that a program refuses or can't find from the graph.
  case notLinkable(file: String, reason: String)
  /// The weights are int8 already, and the graph needs floats.
  case needsFloats(path: String)
  case unwritable(reason: String)

  package var description: String {
    switch self {
    case .checkpoint(let error): error.description
    case .notLinkable(let file, let reason):
      "a graph can't link to \(file): \(reason); export the model without --link, or with --output "
        + "to a new folder, which gets a copy"
    case .needsFloats(let path):
      "the weights in \(path) are stored as int8: export them with --quantize exact, which writes "
        + "the same integers, or export the model that they were made from"
    case .unwritable(let reason): reason
    }
  }
}

/// Runs `body`, which reserves memory; the system's refusal becomes an ``ONNXExportError``.
func reserving<Value: ~Copyable>(
  _ body: () throws(MemoryError) -> Value
) throws(ONNXExportError) -> Value {
  do throws(MemoryError) { return try body() } catch { throw .checkpoint(.memory(error)) }
}

/// Runs `body`, which reads a checkpoint; its error becomes an ``ONNXExportError``.
func reading<Value>(
  _ body: () throws(CheckpointError) -> Value
) throws(ONNXExportError) -> Value {
  do throws(CheckpointError) { return try body() } catch { throw .checkpoint(error) }
}
