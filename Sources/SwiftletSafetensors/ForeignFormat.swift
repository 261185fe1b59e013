/// Formats of weights, other than safetensors and files of PyTorch, that a model folder may hold.
public enum ForeignFormat: String, Sendable, CaseIterable {
  /// Keras: `tf_model.h5`.
  case tensorFlow = "TensorFlow"
  /// `flax_model.msgpack`
  case flax = "Flax"
  /// `model.onnx`: a graph without the checkpoint's tensor names.
  case onnx = "ONNX"
  /// `openvino_model.bin`: a graph without the checkpoint's tensor names.
  case openVINO = "OpenVINO"

  /// The usual file names, relative to the model folder.
  package var fileNames: [String] {
    switch self {
    case .tensorFlow: ["tf_model.h5", "tf_model.h5.index.json"]
    case .flax: ["flax_model.msgpack", "flax_model.msgpack.index.json"]
    case .onnx: ["model.onnx", "onnx/model.onnx"]
    case .openVINO: ["openvino_model.bin", "openvino/openvino_model.bin"]
    }
  }

  /// Instructions for the user; file names are relative to the model folder.
  var conversion: String {
    switch self {
    case .tensorFlow:
      """
      convert it once, in its folder, with Python (pip install "transformers<5" torch tensorflow \
      tf-keras): \(Self.transformersCommand("tf", "TF", "load_tf2_model_in_pytorch_model", ""))
      """
    case .flax:
      """
      convert it once, in its folder, with Python (pip install "transformers<5" torch flax): \
      \(Self.transformersCommand("flax", "Flax", "load_flax_weights_in_pytorch_model", ".params"))
      """
    case .onnx: "swiftlet convert FOLDER --output DIR writes safetensors"
    case .openVINO:
      """
      a graph does not keep the names of the weights; use the model that it was exported from, \
      with model.safetensors
      """
    }
  }

  /// A command that loads the model with the other library, copies its weights into PyTorch's model
  /// and saves that.
  ///
  /// `from_pretrained(from_tf=True)` is shorter, but in the last releases of transformers 4 its
  /// tensors have no data.
  private static func transformersCommand(
    _ module: String, _ prefix: String, _ function: String, _ weights: String
  ) -> String {
    """
    python3 -c 'import transformers as t, transformers.modeling_\(module)_pytorch_utils as u; \
    c = t.AutoConfig.from_pretrained("."); n = c.architectures[0]; m = getattr(t, n)(c); \
    u.\(function)(m, getattr(t, "\(prefix)" + n).from_pretrained(".")\(weights)); \
    m.save_pretrained(".")'
    """
  }
}
