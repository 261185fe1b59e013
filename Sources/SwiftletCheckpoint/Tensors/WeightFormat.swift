import SwiftletSafetensors
import SwiftletSystem

/// A format of weights that a model's folder may have, in the order in which loading looks for them.
package enum WeightFormat: String, Sendable, CaseIterable {
  case safetensors
  case pyTorch = "PyTorch"
  case onnx = "ONNX"
  case tensorFlow = "TensorFlow"
  case flax = "Flax"
  case openVINO = "OpenVINO"

  /// Whether Swiftlet loads it; the others are refused with an explanation.
  package var isRead: Bool {
    switch self {
    case .safetensors, .pyTorch, .onnx: true
    case .tensorFlow, .flax, .openVINO: false
    }
  }

  /// The file names in the order of preference, relative to the folder.
  package var fileNames: [String] {
    switch self {
    case .safetensors: [SafetensorsCheckpoint.singleName, SafetensorsCheckpoint.indexName]
    case .pyTorch: [PyTorchCheckpoint.singleName, PyTorchCheckpoint.indexName]
    // The last ones are of models that are published only as int8.
    case .onnx:
      ForeignFormat.onnx.fileNames + ["model_quantized.onnx", "onnx/model_quantized.onnx"]
    case .tensorFlow: ForeignFormat.tensorFlow.fileNames
    case .flax: ForeignFormat.flax.fileNames
    case .openVINO: ForeignFormat.openVINO.fileNames
    }
  }

  /// A format of a folder.
  package struct Found: Sendable, Equatable {
    package let format: WeightFormat
    /// The file by which it was found, relative to the folder.
    package let file: String
    /// Whether loading uses it: the first that is read.
    package let isUsed: Bool

    package init(format: WeightFormat, file: String, isUsed: Bool) {
      (self.format, self.file, self.isUsed) = (format, file, isUsed)
    }
  }

  /// Returns the formats that a folder has, in order.
  package static func found(in directory: String) -> [Found] {
    var hasUsed = false
    return allCases.compactMap { format in
      guard let file = format.fileNames.first(where: { FileStatus.exists(directory + "/" + $0) })
      else { return nil }
      defer { if format.isRead { hasUsed = true } }
      return Found(format: format, file: file, isUsed: format.isRead && !hasUsed)
    }
  }
}
