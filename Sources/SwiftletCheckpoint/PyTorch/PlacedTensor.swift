import SwiftletSafetensors

/// A tensor of a PyTorch file: its place in the file, checked against the storage that holds it.
struct PlacedTensor: Sendable {
  let name: String
  let dataType: DataType
  let shape: [Int]
  /// The distances between neighbours of each dimension, in elements.
  let strides: [Int]
  /// The place of the first element.
  let start: Int
  /// The bytes of the storage, which other tensors may share.
  let storage: Range<Int>
  let elementCount: Int

  private static let maxDimensions = 16

  /// Checks dimensions, strides and the last element; `storage` is the place of a storage's bytes.
  init(
    _ tensor: PickleObjects.Tensor, _ objects: PickleObjects, named name: String,
    in storage: Range<Int>, file: String
  ) throws(PyTorchError) {
    let damaged = { (reason: String) in
      PyTorchError.damagedTensor(file: file, tensor: name, reason: reason)
    }
    let stored = objects.storages[tensor.storage]
    let width = (stored.dataType ?? .u8).bitWidth / 8
    let (bytes, overflow) = stored.count.multipliedReportingOverflow(by: width)
    guard !overflow, bytes == storage.count else {
      throw damaged(
        "its storage has \(storage.count) bytes, expected \(stored.count) elements of \(width)")
    }
    guard tensor.shape.count == tensor.strides.count, tensor.shape.count <= Self.maxDimensions
    else {
      throw damaged(
        "it has \(tensor.shape.count) dimensions and \(tensor.strides.count) strides, expected equal "
          + "numbers of at most \(Self.maxDimensions)")
    }
    shape = objects.items[tensor.shape].compactMap(\.integer)
    strides = objects.items[tensor.strides].compactMap(\.integer)
    dataType = tensor.dataType ?? stored.dataType ?? .u8
    guard shape.count == tensor.shape.count, strides.count == shape.count, tensor.offset >= 0,
      strides.allSatisfy({ $0 >= 0 }),
      let info = TensorInfo(name: name, dataType: dataType, shape: shape)
    else { throw damaged("its offset, shape or strides are not valid numbers") }
    elementCount = info.elementCount
    let elementWidth = dataType.bitWidth / 8
    (self.name, self.storage) = (name, storage)
    guard elementCount > 0 else {
      start = storage.lowerBound
      return
    }
    guard let last = Self.last(from: tensor.offset, shape, strides),
      last < storage.count / elementWidth
    else {
      throw damaged(
        "its elements reach beyond the \(storage.count / elementWidth) of its storage")
    }
    start = storage.lowerBound + tensor.offset * elementWidth
  }

  /// The index of the last element in the storage; nil if it overflows.
  private static func last(from offset: Int, _ shape: [Int], _ strides: [Int]) -> Int? {
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (distance, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(distance)
      if overflow || sumOverflow { return nil }
      last = sum
    }
    return last
  }

  /// The size in bytes; it fits, because ``TensorInfo`` has checked it.
  var byteCount: Int { elementCount * (dataType.bitWidth / 8) }

  /// Whether the elements are in row-major order without gaps, so that they can be read in place.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      if stride != expected { return elementCount == 0 }
      expected *= size
    }
    return true
  }

  /// Equal for two tensors that have the same elements in the same order.
  struct Elements: Hashable {
    let start: Int
    let dataType: DataType
    let shape: [Int]
    let strides: [Int]
  }

  var elements: Elements {
    Elements(start: start, dataType: dataType, shape: shape, strides: strides)
  }

  /// Copies the elements in row-major order to `target`, which has ``byteCount`` bytes.
  func copyElements(of bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) {
    switch dataType.bitWidth {
    case 8: copy(UInt8.self, bytes, target)
    case 16: copy(UInt16.self, bytes, target)
    case 32: copy(UInt32.self, bytes, target)
    default: copy(UInt64.self, bytes, target)
    }
  }

  private func copy<Element: BitwiseCopyable>(
    _ type: Element.Type, _ bytes: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
  ) {
    guard elementCount > 0, let source = bytes.baseAddress, let target = target.baseAddress else {
      return
    }
    let width = MemoryLayout<Element>.size
    let (count, stride) = (shape.last ?? 1, strides.last ?? 1)
    var position = [Int](repeating: 0, count: max(shape.count - 1, 0))
    var (row, written) = (start, 0)
    while true {
      for index in 0..<count {
        let element = source.loadUnaligned(
          fromByteOffset: row &+ index &* stride &* width, as: Element.self)
        target.storeBytes(of: element, toByteOffset: written &+ index &* width, as: Element.self)
      }
      written += count * width
      // The next row: the last dimension before the rows that has one more.
      var dimension = position.count - 1
      while dimension >= 0, position[dimension] == shape[dimension] - 1 {
        row -= position[dimension] * strides[dimension] * width
        position[dimension] = 0
        dimension -= 1
      }
      guard dimension >= 0 else { return }
      position[dimension] += 1
      row += strides[dimension] * width
    }
  }
}
