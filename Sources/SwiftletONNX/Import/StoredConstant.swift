package import SwiftletSafetensors

/// A tensor in an ONNX file: an initializer, or the value of a Constant node.
struct StoredConstant: Sendable {
  /// Where the elements are.
  enum Storage: Sendable {
    /// Little-endian elements in the file, in place.
    case inPlace(Range<Int>)
    /// In the typed fields of the TensorProto, which is this range of the file.
    case fields(Range<Int>)
    /// In another file.
    case external(ExternalData)
    /// In an attribute of a Constant node.
    case own([UInt8])
  }

  let name: String
  let shape: [Int]
  let elementCount: Int
  /// Nil for strings and other types that no model's weights have.
  let type: StoredElementType?
  let storage: Storage

  var byteCount: Int { elementCount * (type?.byteCount ?? 0) }

  /// Whether the constant may be learned: more than one float, or integers of 8 bits, which are
  /// quantised weights.
  var isWeight: Bool {
    guard let type, elementCount > 1 else { return false }
    return type.isFloat || type.isQuantized
  }
}

extension StoredGraph {
  /// The constants that may be learned, with the names and types that the file has for them.
  package var weights: [TensorInfo] {
    constants.filter(\.isWeight).compactMap { constant in
      constant.type.flatMap {
        TensorInfo(name: constant.name, dataType: $0.dataType, shape: constant.shape)
      }
    }
  }
}

/// `external_data` of a tensor: a range of another file.
struct ExternalData: Sendable, Equatable {
  /// The path relative to the ONNX file's folder.
  let location: String
  let offset: Int
  /// Nil for the rest of the file.
  let length: Int?
}

/// `TensorProto.DataType`: element types by their numbers in ONNX.
enum StoredElementType: Int, Sendable {
  case float32 = 1
  case uint8 = 2
  case int8 = 3
  case uint16 = 4
  case int16 = 5
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case float64 = 11
  case uint32 = 12
  case uint64 = 13
  case bfloat16 = 16

  var byteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  var isFloat: Bool {
    switch self {
    case .float32, .float16, .bfloat16, .float64: true
    default: false
    }
  }

  var isQuantized: Bool { self == .uint8 || self == .int8 }

  /// The type in safetensors.
  var dataType: DataType {
    switch self {
    case .float32: .f32
    case .float16: .f16
    case .bfloat16: .bf16
    case .float64: .f64
    case .uint8: .u8
    case .int8: .i8
    case .uint16: .u16
    case .int16: .i16
    case .int32: .i32
    case .uint32: .u32
    case .int64: .i64
    case .uint64: .u64
    case .bool: .bool
    }
  }

  /// The name for people, such as `float32`.
  var name: String { "\(self)" }
}
