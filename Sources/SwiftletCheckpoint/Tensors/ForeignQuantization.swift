package import SwiftletSafetensors

/// Weights that another program has quantised, told by their tensors: `config.json` need not say so.
package struct ForeignQuantization: Sendable, Equatable {
  /// The program or method by name; nil where only the type of the weights tells.
  package let method: String?
  /// The tensor that told, and its type.
  package let tensor: String
  package let dataType: String

  /// Nil for a checkpoint whose weights are all floats.
  package init?(_ checkpoint: SafetensorsCheckpoint) {
    var weights: TensorInfo?
    for tensor in checkpoint.tensors {
      if let mark = Self.marks.first(where: { tensor.name.hasSuffix($0.suffix) }) {
        self.init(method: mark.method, tensor)
        return
      }
      if weights == nil, Self.isWeight(tensor) { weights = tensor }
    }
    guard let weights else { return nil }
    self.init(method: nil, weights)
  }

  private init(method: String?, _ tensor: TensorInfo) {
    self.method = method
    self.tensor = tensor.name
    dataType = tensor.dataType.rawValue
  }

  /// Whether a model would multiply by it, and its numbers are not what it multiplies by.
  private static func isWeight(_ tensor: TensorInfo) -> Bool {
    guard !tensor.dataType.isWideFloat else { return false }
    return tensor.name.hasSuffix(".weight") || tensor.name.hasSuffix(".bias")
  }

  /// The ends of the names of what quantised weights have beside them.
  private static let marks: [(suffix: String, method: String)] = [
    (".SCB", "bitsandbytes (8 bits)"), (".weight_format", "bitsandbytes (8 bits)"),
    (".absmax", "bitsandbytes (4 bits)"), (".quant_map", "bitsandbytes (4 bits)"),
    (".quant_state.bitsandbytes__nf4", "bitsandbytes (4 bits)"),
    (".quant_state.bitsandbytes__fp4", "bitsandbytes (4 bits)"),
    (".qweight", "GPTQ or AWQ"), (".qzeros", "GPTQ or AWQ"), (".g_idx", "GPTQ"),
    (".W_q", "HQQ"), (".weight_packed", "compressed-tensors"),
    (".weight_scale", "compressed-tensors or FP8"), (".weight_scale_inv", "FP8"),
    (".weight_zero_point", "compressed-tensors"),
    (".weight._data", "Quanto"), (".weight._scale", "Quanto"), (".weight_qdata", "torchao"),
    ("._packed_params._packed_params", "PyTorch"), ("._packed_params.dtype", "PyTorch"),
    (".weight_quantizer._scale", "ModelOpt"), (".codebooks", "AQLM"),
  ]
}

extension DataType {
  /// Whether it is a float type in which models are trained and saved.
  var isWideFloat: Bool {
    switch self {
    case .f16, .bf16, .f32, .f64: true
    default: false
    }
  }
}
