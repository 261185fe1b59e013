import SwiftletSafetensors

/// Weights that another program quantised, recognised by their tensors: `config.json` may not mention it.
package struct ForeignQuantization: Sendable, Equatable {
  /// The program or method; nil if only the type of the weights shows it.
  package let method: String?
  /// The tensor that shows it, and its type.
  package let tensor: String
  package let dataType: String

  /// Returns nil if all weights are floats.
  package init?(_ checkpoint: any TensorSource) {
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

  /// Whether a tensor is a weight or bias but does not hold floats.
  private static func isWeight(_ tensor: TensorInfo) -> Bool {
    guard !tensor.dataType.isWideFloat else { return false }
    return tensor.name.hasSuffix(".weight") || tensor.name.hasSuffix(".bias")
  }

  /// Suffixes of the tensors that accompany quantised weights.
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
  /// Whether models are trained and saved in this type.
  var isWideFloat: Bool {
    switch self {
    case .f16, .bf16, .f32, .f64: true
    default: false
    }
  }
}
