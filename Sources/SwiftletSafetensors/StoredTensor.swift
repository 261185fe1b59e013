import SwiftletSystem

/// A tensor and its file, which it keeps open, for callers that read parts of it in place.
package struct StoredTensor: Sendable {
  package let file: SafetensorsFile
  package let info: TensorInfo

  /// `info` must be one of the file's own.
  init(file: SafetensorsFile, info: TensorInfo) {
    self.file = file
    self.info = info
  }

  /// The stored bytes at any alignment, valid as long as the file lives.
  package var bytes: UnsafeRawBufferPointer { file.bytes(of: info) }

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
  /// `FileContents.release`.
  package func release(_ elements: Range<Int>) {
    let width = info.dataType.bitWidth
    let start = info.dataOffsets.lowerBound
    file.release(
      start + elements.lowerBound * width / 8..<start + elements.upperBound * width / 8)
  }
}
