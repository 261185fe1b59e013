import SwiftletSystem

/// A tensor and the memory of its bytes, which it keeps, for callers that read parts of it in place.
package struct StoredTensor: @unchecked Sendable {
  // Unchecked because of `bytes`, which are never written.

  package let info: TensorInfo
  /// The stored bytes at any alignment, valid as long as ``memory`` lives.
  package let bytes: UnsafeRawBufferPointer
  package let memory: any TensorMemory
  /// The file that the tensor was read from, for errors.
  package let path: String
  private let isShared: Bool

  /// - Parameters:
  ///   - info: The description.
  ///   - bytes: The elements in row-major order: little-endian, packed, `info.byteCount` bytes.
  ///   - memory: The owner of the bytes.
  ///   - path: The file that the tensor was read from.
  ///   - isShared: Whether the bytes are also read through another object; ``release(_:)`` then releases
  ///     only those of a mapped file.
  package init(
    _ info: TensorInfo, bytes: UnsafeRawBufferPointer, in memory: any TensorMemory, path: String,
    isShared: Bool = false
  ) {
    requirePrecondition(
      bytes.count == info.byteCount, "\(bytes.count) bytes of a tensor of \(info.byteCount)")
    (self.info, self.bytes, self.memory, self.path) = (info, bytes, memory, path)
    self.isShared = isShared
  }

  /// Returns the elements in place; nil if they have another type or are not aligned to
  /// `alignment`.
  package func elements<Element: BitwiseCopyable>(
    _ dataType: DataType, as type: Element.Type, alignment: Int = MemoryLayout<Element>.alignment
  ) -> UnsafePointer<Element>? {
    guard info.dataType == dataType, dataType.bitWidth == 8 * MemoryLayout<Element>.size,
      let base = bytes.baseAddress, Int(bitPattern: base) % alignment == 0
    else { return nil }
    return base.assumingMemoryBound(to: type)
  }

  /// Converts a range of elements to `Float`; the type must be ``DataType/isReadableAsFloat``.
  package func readFloats(_ elements: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    requirePrecondition(
      elements.lowerBound >= 0 && elements.upperBound <= info.elementCount,
      "elements \(elements) of a tensor of \(info.elementCount)")
    guard !elements.isEmpty, let base = bytes.baseAddress else { return }
    NumberConversion.convert(
      base + elements.lowerBound * info.dataType.bitWidth / 8, as: info.dataType,
      count: elements.count, to: target)
  }

  /// Releases the memory of a range of elements, which must not be read again; see
  /// ``TensorMemory/release(_:)``.
  package func release(_ elements: Range<Int>) {
    guard memory.isMapped || !isShared else { return }
    let width = info.dataType.bitWidth
    let range = elements.lowerBound * width / 8..<elements.upperBound * width / 8
    memory.release(UnsafeRawBufferPointer(rebasing: bytes[range]))
  }
}
