import Glibc

/// The ONNX file among the files of a model.
package enum ONNXFolder {
  /// The names of the file in a model's folder, in the order of preference. The last ones are of
  /// models that are published only as int8.
  package static let names = [
    "model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx",
  ]

  /// The path of a model's ONNX file; nil if the folder has none.
  package static func file(in directory: String) -> String? {
    let folder = directory.hasSuffix("/") ? directory : directory + "/"
    return names.map { folder + $0 }.first { access($0, F_OK) == 0 }
  }
}
