/// Formats of weights, other than safetensors and PyTorch's pickles, that a model's folder may hold.
public enum ForeignFormat: String, Sendable, CaseIterable {
  /// Keras: `tf_model.h5`.
  case tensorFlow = "TensorFlow"
  /// `flax_model.msgpack`
  case flax = "Flax"
  /// `model.onnx`: not weights by their names but a graph, whose exporter may have changed them.
  case onnx = "ONNX"
  /// `openvino_model.bin`: as ONNX.
  case openVINO = "OpenVINO"

  /// Where such weights lie in a model's folder.
  var fileNames: [String] {
    switch self {
    case .tensorFlow: ["tf_model.h5", "tf_model.h5.index.json"]
    case .flax: ["flax_model.msgpack", "flax_model.msgpack.index.json"]
    case .onnx: ["model.onnx", "onnx/model.onnx"]
    case .openVINO: ["openvino_model.bin", "openvino/openvino_model.bin"]
    }
  }

  /// What to do about them, the names of files relative to the model's folder.
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
    case .onnx, .openVINO:
      """
      a graph like this one has no names to load its weights by; take the folder that it was \
      exported from, with model.safetensors
      """
    }
  }

  /// Loads the class that config.json names with the other library, copies its weights into
  /// PyTorch's, and saves these. `from_pretrained(from_tf=True)` would be shorter, but the last
  /// releases of transformers 4 leave its tensors without data.
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

  /// Turns all pickles of a folder into one file, without running code that they may hold, whatever
  /// model they are.
  static let pickleConversion = """
    python3 -c 'import glob, torch, safetensors.torch as s; s.save_file({k: v.clone().contiguous() \
    for f in glob.glob("pytorch_model*.bin") for k, v in torch.load(f, "cpu", weights_only=True)\
    .items()}, "model.safetensors", {"format": "pt"})'
    """
}
