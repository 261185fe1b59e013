import SwiftletSafetensors

/// The names of Python that a pickle of tensors may use. Only their meaning is known here: nothing is
/// imported or called.
enum PickleGlobal: Equatable {
  /// `collections.OrderedDict`
  case orderedDictionary
  /// `torch._utils._rebuild_tensor` and its later versions.
  case rebuildTensor(hasDataType: Bool)
  /// `torch._utils._rebuild_parameter`, with or without a state.
  case rebuildParameter
  /// `torch.Size`, a tuple.
  case size
  /// A class such as `torch.FloatStorage`; nil for `UntypedStorage`, which counts bytes.
  case storage(DataType?)
  /// A type such as `torch.float32`.
  case dataType(DataType)

  /// Nil for every other name.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"):
      self = .rebuildTensor(hasDataType: false)
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensor(hasDataType: true)
    case ("torch._utils", "_rebuild_parameter"),
      ("torch._utils", "_rebuild_parameter_with_state"):
      self = .rebuildParameter
    case ("torch", "Size"): self = .size
    case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): self = .storage(nil)
    case ("torch", _):
      if let type = Self.storages[name] {
        self = .storage(type)
      } else if let type = Self.dataTypes[name] {
        self = .dataType(type)
      } else {
        return nil
      }
    default: return nil
    }
  }

  /// Whether a name is one of PyTorch's types of elements that ``DataType`` lacks: complex numbers of 128
  /// bits, quantised and sub-byte integers.
  static func isOtherType(module: String, name: String) -> Bool {
    guard module == "torch" else { return false }
    if name.hasSuffix("Storage") { return true }
    return ["complex", "float", "qint", "quint", "bits", "int", "uint"].contains {
      name.hasPrefix($0) && name.dropFirst($0.count).first?.isNumber == true
    }
  }

  private static let storages: [String: DataType] = [
    "FloatStorage": .f32, "DoubleStorage": .f64, "HalfStorage": .f16, "BFloat16Storage": .bf16,
    "LongStorage": .i64, "IntStorage": .i32, "ShortStorage": .i16, "CharStorage": .i8,
    "ByteStorage": .u8, "BoolStorage": .bool, "ComplexFloatStorage": .c64,
  ]

  private static let dataTypes: [String: DataType] = [
    "float32": .f32, "float64": .f64, "float16": .f16, "bfloat16": .bf16, "int64": .i64,
    "int32": .i32, "int16": .i16, "int8": .i8, "uint8": .u8, "bool": .bool, "complex64": .c64,
    "uint16": .u16, "uint32": .u32, "uint64": .u64, "float8_e4m3fn": .f8E4M3,
    "float8_e5m2": .f8E5M2, "float8_e4m3fnuz": .f8E4M3FNUZ, "float8_e5m2fnuz": .f8E5M2FNUZ,
    "float8_e8m0fnu": .f8E8M0,
  ]
}
