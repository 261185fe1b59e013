import SwiftletSafetensors
import SwiftletSystem

extension StoredGraph {
  /// The elements of a view in row-major order: in place where the file has them so, otherwise copied or
  /// dequantised to float32. A view has one or two dimensions.
  ///
  /// - Throws: `damaged`, `memory`.
  func elements(
    of view: TensorView
  ) throws(ONNXImportError) -> (bytes: UnsafeRawBufferPointer, memory: any TensorMemory) {
    let constant = constants[view.constant]
    let source = try bytes(of: constant)
    guard let type = constant.type, view.isWithin(constant.elementCount) else {
      throw .damaged(
        path: file.path, reason: "the tensor \(quoted(constant.name)) is smaller than its use")
    }
    let size = type.byteCount
    if view.isContiguous {
      let range = view.offset * size..<(view.offset + view.elementCount) * size
      return (UnsafeRawBufferPointer(rebasing: source.bytes[range]), source.memory)
    }
    let outputSize = view.quantization == nil ? size : MemoryLayout<Float>.size
    let memory = try allocate(view.elementCount * outputSize)
    guard let target = memory.bytes.baseAddress, let base = source.bytes.baseAddress else {
      return (UnsafeRawBufferPointer(memory.bytes), memory)
    }
    if let quantization = view.quantization {
      let floats = target.bindMemory(to: Float.self, capacity: view.elementCount)
      let scales = try scales(quantization, zeroPointType: type)
      let hasRows = quantization.axis == 0
      if type == .int8 {
        view.copy(base, to: floats) { (value: Int8, row, column) in
          scales.float(Int(value), hasRows ? row : column)
        }
      } else {
        view.copy(base, to: floats) { (value: UInt8, row, column) in
          scales.float(Int(value), hasRows ? row : column)
        }
      }
    } else {
      switch size {
      case 1: view.copy(base, to: target.bindMemory(to: UInt8.self, capacity: view.elementCount))
      case 2: view.copy(base, to: target.bindMemory(to: UInt16.self, capacity: view.elementCount))
      case 4: view.copy(base, to: target.bindMemory(to: UInt32.self, capacity: view.elementCount))
      default: view.copy(base, to: target.bindMemory(to: UInt64.self, capacity: view.elementCount))
      }
    }
    withExtendedLifetime(source.memory) {}
    return (UnsafeRawBufferPointer(memory.bytes), memory)
  }

  /// Whether two views have the same elements, bit for bit. Dequantised views are never equal.
  ///
  /// - Throws: `damaged`, `memory`.
  func areEqual(_ left: TensorView, _ right: TensorView) throws(ONNXImportError) -> Bool {
    if left == right { return true }
    guard left.shape == right.shape, left.quantization == nil, right.quantization == nil,
      let type = constants[left.constant].type, type == constants[right.constant].type,
      left.isWithin(constants[left.constant].elementCount),
      right.isWithin(constants[right.constant].elementCount)
    else { return false }
    let (first, second) = (
      try bytes(of: constants[left.constant]), try bytes(of: constants[right.constant])
    )
    defer { withExtendedLifetime((first.memory, second.memory)) {} }
    guard let first = first.bytes.baseAddress, let second = second.bytes.baseAddress else {
      return true
    }
    switch type.byteCount {
    case 1: return left.equals(right, first, second, as: UInt8.self)
    case 2: return left.equals(right, first, second, as: UInt16.self)
    case 4: return left.equals(right, first, second, as: UInt32.self)
    default: return left.equals(right, first, second, as: UInt64.self)
    }
  }

  private func scales(
    _ quantization: TensorView.Quantization, zeroPointType: StoredElementType
  ) throws(ONNXImportError) -> Scales {
    var zeros: [Int] = []
    if let zeroPoint = quantization.zeroPoint {
      let zero = try bytes(of: constants[zeroPoint])
      zeros = zero.bytes.map {
        zeroPointType == .int8 ? Int(Int8(bitPattern: $0)) : Int($0)
      }
      withExtendedLifetime(zero.memory) {}
    }
    return Scales(
      values: try floats(of: constants[quantization.scale]), zeros: zeros,
      offset: quantization.offset, isShared: quantization.axis == nil)
  }

  /// The elements of a constant of floats as float32.
  private func floats(of constant: StoredConstant) throws(ONNXImportError) -> [Float] {
    let (bytes, memory) = try bytes(of: constant)
    guard let type = constant.type?.dataType,
      let info = TensorInfo(name: constant.name, dataType: type, shape: constant.shape)
    else { return [] }
    let tensor = StoredTensor(info, bytes: bytes, in: memory, path: file.path)
    return [Float](unsafeUninitializedCapacity: constant.elementCount) { buffer, count in
      if let base = buffer.baseAddress { tensor.readFloats(0..<constant.elementCount, into: base) }
      count = constant.elementCount
    }
  }

  private func allocate(_ byteCount: Int) throws(ONNXImportError) -> AllocatedTensorMemory {
    do throws(MemoryError) {
      return try AllocatedTensorMemory(
        byteCount: byteCount, purpose: "the weights of an ONNX file")
    } catch {
      throw .memory(error)
    }
  }
}

/// Scales and zero points of one tensor.
private struct Scales {
  let values: [Float]
  let zeros: [Int]
  let offset: Int
  /// Whether all elements have the first scale.
  let isShared: Bool

  /// The float of an integer at a place of the axis, as ONNX's DequantizeLinear computes it.
  func float(_ integer: Int, _ place: Int) -> Float {
    let index = isShared ? 0 : offset + place
    let zero = zeros.indices.contains(index) ? zeros[index] : 0
    return Float(integer - zero) * (values.indices.contains(index) ? values[index] : 0)
  }
}

extension TensorView {
  /// Whether all elements are among the first `count` of the constant.
  func isWithin(_ count: Int) -> Bool {
    guard (1...2).contains(shape.count), !shape.contains(0) else { return shape.contains(0) }
    let last = zip(shape, strides).reduce(offset) { $0 + ($1.0 - 1) * $1.1 }
    return offset >= 0 && last < count
  }

  /// Compares elements with those of another view of the same shape.
  fileprivate func equals<Element: BitwiseCopyable & Equatable>(
    _ other: TensorView, _ source: UnsafeRawPointer, _ otherSource: UnsafeRawPointer,
    as type: Element.Type
  ) -> Bool {
    forEachPlace { row, column in
      let size = MemoryLayout<Element>.size
      return source.loadUnaligned(fromByteOffset: place(row, column) * size, as: type)
        == otherSource.loadUnaligned(fromByteOffset: other.place(row, column) * size, as: type)
    }
  }

  /// Copies elements of one size.
  fileprivate func copy<Element: BitwiseCopyable>(
    _ source: UnsafeRawPointer, to target: UnsafeMutablePointer<Element>
  ) {
    copy(source, to: target) { (element: Element, _, _) in element }
  }

  /// Converts all elements into row-major order.
  fileprivate func copy<Source: BitwiseCopyable, Element>(
    _ source: UnsafeRawPointer, to target: UnsafeMutablePointer<Element>,
    _ convert: (Source, _ row: Int, _ column: Int) -> Element
  ) {
    let columns = shape[shape.count - 1]
    _ = forEachPlace { row, column in
      let value = source.loadUnaligned(
        fromByteOffset: place(row, column) * MemoryLayout<Source>.size, as: Source.self)
      target[row * columns + column] = convert(value, row, column)
      return true
    }
  }

  /// The place of an element in the constant; a vector is one row.
  @inline(__always)
  private func place(_ row: Int, _ column: Int) -> Int {
    shape.count == 2
      ? offset + row * strides[0] + column * strides[1] : offset + column * strides[0]
  }

  /// Visits all elements until `body` returns false, in blocks whose rows and columns both fit a cache;
  /// returns whether it visited all.
  @inline(__always)
  private func forEachPlace(_ body: (_ row: Int, _ column: Int) -> Bool) -> Bool {
    let (rows, columns) = shape.count == 2 ? (shape[0], shape[1]) : (1, shape[0])
    let block = 32
    for firstRow in stride(from: 0, to: rows, by: block) {
      for firstColumn in stride(from: 0, to: columns, by: block) {
        for row in firstRow..<min(firstRow + block, rows) {
          for column in firstColumn..<min(firstColumn + block, columns)
          where !body(row, column) {
            return false
          }
        }
      }
    }
    return true
  }
}
