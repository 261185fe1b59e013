extension SafetensorsFile {
  /// Reads a tensor's elements as `Float`, in row-major order.
  ///
  /// Exact for F32, F16, BF16 and the 8- and 16-bit integers, rounded to nearest for the others.
  ///
  /// - Throws: `tensorNotFound`; `notConvertible` for the types that
  ///   ``DataType/isReadableAsFloat`` excludes.
  public func floats(_ name: String) throws(SafetensorsError) -> [Float] {
    let tensor = try requireTensor(name)
    let source = try floatSource(tensor)
    return withExtendedLifetime(self) {
      [Float](unsafeUninitializedCapacity: tensor.elementCount) { destination, count in
        if let source = source.baseAddress, let destination = destination.baseAddress {
          NumberConversion.convert(
            source, as: tensor.dataType, count: tensor.elementCount, to: destination)
        }
        count = tensor.elementCount
      }
    }
  }

  /// Reads a tensor's elements as integers, in row-major order; booleans as 0 and 1.
  ///
  /// - Throws: `tensorNotFound`; `notConvertible` for types other than integers and booleans;
  ///   `integerOutOfRange` for a U64 element beyond `Int64.max`.
  public func integers(_ name: String) throws(SafetensorsError) -> [Int64] {
    let tensor = try requireTensor(name)
    guard tensor.dataType.isReadableAsInteger else {
      throw .notConvertible(file: path, tensor: name, dataType: tensor.dataType, wanted: "integers")
    }
    let source = bytes(of: tensor)
    let values = withExtendedLifetime(self) {
      [Int64](unsafeUninitializedCapacity: tensor.elementCount) { destination, count in
        if let source = source.baseAddress, let destination = destination.baseAddress {
          NumberConversion.convert(
            source, as: tensor.dataType, count: tensor.elementCount, to: destination)
        }
        count = tensor.elementCount
      }
    }
    if tensor.dataType == .u64, let index = values.firstIndex(where: { $0 < 0 }) {
      throw .integerOutOfRange(
        file: path, tensor: name, index: index, found: UInt64(bitPattern: values[index]))
    }
    return values
  }

  private func floatSource(
    _ tensor: TensorInfo
  ) throws(SafetensorsError) -> UnsafeRawBufferPointer {
    guard tensor.dataType.isReadableAsFloat else {
      throw .notConvertible(
        file: path, tensor: tensor.name, dataType: tensor.dataType, wanted: "floats")
    }
    return bytes(of: tensor)
  }
}
