package import SwiftletCheckpoint
import SwiftletSystem

/// Writes a checkpoint as an ONNX file.
///
/// The same model and options give the same bytes. Weights are streamed from the mapped checkpoint:
/// memory holds one layer of them at most.
package enum ONNXExporter {
  /// The largest file without external data: a protobuf message must be smaller than 2 GiB.
  package static let maxFileBytes = Int(Int32.max)

  /// Writes the graph of a model to `path`, whole or not at all, and the weights of a file beyond
  /// `maxFileBytes` to `path` + `_data`.
  ///
  /// - Returns: The names of the written files, of which the first is that of `path`.
  /// - Throws: `checkpoint` if tensors are missing or have other shapes; `notLinkable`;
  ///   `needsFloats` if an int8 checkpoint is to be written in another form than
  ///   ``ONNXQuantization/exact``; `unwritable`.
  @discardableResult
  package static func write(
    _ model: ExportedModel, options: ONNXExportOptions, to path: String,
    maxFileBytes: Int = maxFileBytes
  ) throws(ONNXExportError) -> [String] {
    var graph = try ModelGraph(model, options)
    let message = try graph.message()
    return try ModelFileWriter(path: path, maxFileBytes: maxFileBytes).write(message)
  }

  /// Whether ``write(_:options:to:maxFileBytes:)`` wrote a file: it begins with the producer.
  package static func hasWritten(_ path: String) -> Bool {
    guard let file = try? FileContents(path: path) else { return false }
    return withExtendedLifetime(file) {
      ModelMessage.beginnings.contains { file.bytes.starts(with: $0) }
    }
  }
}

/// A model and the part of it that a graph computes.
package struct ExportedModel {
  package let checkpoint: CheckpointReader
  package let configuration: ModelConfiguration
  package let output: GraphOutput
  /// The version of this package, which the file names as its producer's.
  package let producerVersion: String

  package init(
    _ checkpoint: CheckpointReader, _ configuration: ModelConfiguration, output: GraphOutput,
    producerVersion: String
  ) {
    self.checkpoint = checkpoint
    self.configuration = configuration
    self.output = output
    self.producerVersion = producerVersion
  }

  /// The head whose tensors the graph has.
  var head: ModelHead? {
    if case .head(let head) = output { head } else { nil }
  }
}

/// What a graph computes.
package enum GraphOutput {
  /// `last_hidden_state` [batch, sequence, hidden]
  case hiddenRows
  /// `last_hidden_state`, and `sentence_embedding` [batch, width]
  case sentence(SentenceTail)
  /// `logits`, or `start_logits` and `end_logits`
  case head(ModelHead)
}

/// How a graph is written.
package struct ONNXExportOptions: Sendable, Equatable {
  package var opset = OperatorSet.v14
  /// Nil for float32.
  package var quantization: ONNXQuantization?
  /// The folder of the ONNX file, if its weights stay in the checkpoint's own files in it.
  package var linkedFolder: String?

  package init(
    opset: OperatorSet = .v14, quantization: ONNXQuantization? = nil, linkedFolder: String? = nil
  ) {
    self.opset = opset
    self.quantization = quantization
    self.linkedFolder = linkedFolder
  }
}

/// The forms of a graph with int8 weights. Each output of a linear layer has its own scale.
package enum ONNXQuantization: String, CaseIterable, Sendable {
  /// Activations with one scale and zero point for all tokens of a call, as ONNX Runtime's
  /// `quantize_dynamic` writes it; the word embeddings are bytes too.
  case dynamic
  /// Activations with a scale for each token: the integers of Swiftlet, from standard operators.
  case exact
}
