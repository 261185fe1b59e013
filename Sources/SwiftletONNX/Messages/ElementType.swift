import SwiftletSafetensors

/// The element types that a written graph uses; the raw values are those of
/// `TensorProto.DataType`.
enum ElementType: Int {
  case float32 = 1
  case uint8 = 2
  case int8 = 3
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case float64 = 11
  case bfloat16 = 16

  /// The type of a stored float tensor; nil for types that models are not stored in.
  init?(_ type: DataType) {
    switch type {
    case .f32: self = .float32
    case .f16: self = .float16
    case .bf16: self = .bfloat16
    case .f64: self = .float64
    default: return nil
    }
  }
}
