/// Decodes the elements of a TensorProto that are in `float_data`, `int32_data` and the like.
struct TypedFields {
  private let type: StoredElementType?
  /// The bytes of the elements found so far, even of those beyond the memory.
  private(set) var byteCount = 0

  init(_ type: StoredElementType?) { self.type = type }

  /// Writes the elements of the message in `range`; drops those beyond `memory`.
  ///
  /// - Throws: ``ProtobufError`` for damaged bytes.
  mutating func read(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, into memory: UnsafeMutableRawBufferPointer
  ) throws(ProtobufError) {
    guard let type else { return }
    var reader = ProtobufReader(bytes, range)
    while let field = try reader.next() {
      switch (field.number, type) {
      case (FieldNumbers.Tensor.floatData, .float32), (FieldNumbers.Tensor.doubleData, .float64):
        copy(field, of: bytes, into: memory)
      case (type.integerField, _):
        try reader.forEachInteger(of: field) { append($0, into: memory) }
      default: break
      }
    }
  }

  /// Copies packed floats, or one.
  private mutating func copy(
    _ field: ProtobufReader.Field, of bytes: UnsafeRawBufferPointer,
    into memory: UnsafeMutableRawBufferPointer
  ) {
    switch field.value {
    case .bytes(let range): append(UnsafeRawBufferPointer(rebasing: bytes[range]), into: memory)
    case .fixed32(let bits):
      withUnsafeBytes(of: bits.littleEndian) { append($0, into: memory) }
    case .fixed64(let bits):
      withUnsafeBytes(of: bits.littleEndian) { append($0, into: memory) }
    case .varint: break
    }
  }

  private mutating func append(_ value: Int64, into memory: UnsafeMutableRawBufferPointer) {
    withUnsafeBytes(of: value.littleEndian) {
      append(UnsafeRawBufferPointer(rebasing: $0.prefix(type?.byteCount ?? 0)), into: memory)
    }
  }

  private mutating func append(
    _ source: UnsafeRawBufferPointer, into memory: UnsafeMutableRawBufferPointer
  ) {
    if byteCount <= memory.count, source.count <= memory.count - byteCount {
      UnsafeMutableRawBufferPointer(rebasing: memory[byteCount...]).copyMemory(from: source)
    }
    byteCount += source.count
  }
}

extension StoredElementType {
  /// The field of a TensorProto that has the type's elements as numbers; nil for wide floats.
  fileprivate var integerField: Int? {
    switch self {
    case .int32, .int16, .uint16, .int8, .uint8, .bool, .float16, .bfloat16:
      FieldNumbers.Tensor.int32Data
    case .int64: FieldNumbers.Tensor.int64Data
    case .uint32, .uint64: FieldNumbers.Tensor.uint64Data
    case .float32, .float64: nil
    }
  }
}

/// 16-bit floats as numbers, without hardware for them.
enum HalfPrecision {
  static func value(ofBFloat16 bits: UInt16) -> Double {
    Double(Float(bitPattern: UInt32(bits) << 16))
  }

  static func value(ofFloat16 bits: UInt16) -> Double {
    let mantissa = Double(bits & 0x3FF)
    let exponent = Int(bits >> 10 & 0x1F)
    let sign: Double = bits & 0x8000 == 0 ? 1 : -1
    switch exponent {
    case 0: return sign * mantissa * 0x1p-24
    case 31: return mantissa == 0 ? sign * .infinity : .nan
    default:
      return Double(sign: .plus, exponent: exponent - 25, significand: sign * (1024 + mantissa))
    }
  }
}
