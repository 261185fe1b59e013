/// The element types of the safetensors format, in its order of alignment: the writer puts the last
/// of these first.
public enum DataType: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case f4 = "F4"
  case f6E2M3 = "F6_E2M3"
  case f6E3M2 = "F6_E3M2"
  case u8 = "U8"
  case i8 = "I8"
  case f8E5M2 = "F8_E5M2"
  case f8E4M3 = "F8_E4M3"
  case f8E8M0 = "F8_E8M0"
  case f8E4M3FNUZ = "F8_E4M3FNUZ"
  case f8E5M2FNUZ = "F8_E5M2FNUZ"
  case i16 = "I16"
  case u16 = "U16"
  case f16 = "F16"
  case bf16 = "BF16"
  case i32 = "I32"
  case u32 = "U32"
  case f32 = "F32"
  case c64 = "C64"
  case f64 = "F64"
  case i64 = "I64"
  case u64 = "U64"

  /// The size of one element in bits; three types are smaller than a byte and stored packed.
  public var bitWidth: Int {
    switch self {
    case .f4: 4
    case .f6E2M3, .f6E3M2: 6
    case .bool, .u8, .i8, .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ: 8
    case .i16, .u16, .f16, .bf16: 16
    case .i32, .u32, .f32: 32
    case .c64, .f64, .i64, .u64: 64
    }
  }

  /// Whether ``SafetensorsFile/floats(_:)`` converts tensors of this type.
  public var isReadableAsFloat: Bool {
    switch self {
    case .f16, .bf16, .f32, .f64, .u8, .i8, .u16, .i16, .u32, .i32, .u64, .i64: true
    case .bool, .f4, .f6E2M3, .f6E3M2, .c64: false
    case .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ: false
    }
  }

  /// Whether ``SafetensorsFile/integers(_:)`` converts tensors of this type.
  public var isReadableAsInteger: Bool {
    switch self {
    case .bool, .u8, .i8, .u16, .i16, .u32, .i32, .u64, .i64: true
    case .f4, .f6E2M3, .f6E3M2, .f16, .bf16, .f32, .f64, .c64: false
    case .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ: false
    }
  }

  /// Returns the number of elements and bits of a shape; nil if either does not fit 64 bits.
  ///
  /// Multiplies from left to right, as the reference does: `[2^63, 2, 0]` overflows, `[0, 2^63, 2]`
  /// has no elements.
  func size(ofShape shape: some Sequence<UInt64>) -> (elements: UInt64, bits: UInt64)? {
    var elements: UInt64 = 1
    for dimension in shape {
      let (product, overflow) = elements.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      elements = product
    }
    let (bits, overflow) = elements.multipliedReportingOverflow(by: UInt64(bitWidth))
    return overflow ? nil : (elements, bits)
  }
}
