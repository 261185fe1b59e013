import SwiftletSystem

/// A tensor and the file that holds it, which it keeps open: for those who read parts of it, where
/// it lies.
package struct StoredTensor: Sendable {
  package let file: SafetensorsFile
  package let info: TensorInfo

  /// `info` must be one of the file's own.
  init(file: SafetensorsFile, info: TensorInfo) {
    self.file = file
    self.info = info
  }

  /// The elements as they are in the file, at any address; valid as long as the file lives.
  package var bytes: UnsafeRawBufferPointer { file.bytes(of: info) }

  /// The elements where they lie, if they are of this type and on a multiple of `alignment`.
  package func elements<Element: BitwiseCopyable>(
    _ dataType: DataType, as type: Element.Type, alignment: Int = MemoryLayout<Element>.alignment
  ) -> UnsafePointer<Element>? {
    guard info.dataType == dataType, dataType.bitWidth == 8 * MemoryLayout<Element>.size,
      let base = bytes.baseAddress, Int(bitPattern: base) % alignment == 0
    else { return nil }
    return base.assumingMemoryBound(to: type)
  }

  /// Converts some of the elements to single precision; the type must be
  /// ``DataType/isReadableAsFloat``.
  package func readFloats(_ elements: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    requirePrecondition(
      elements.lowerBound >= 0 && elements.upperBound <= info.elementCount,
      "elements \(elements) of a tensor of \(info.elementCount)")
    guard !elements.isEmpty, let base = bytes.baseAddress else { return }
    NumberConversion.convert(
      base + elements.lowerBound * info.dataType.bitWidth / 8, as: info.dataType,
      count: elements.count, to: target)
  }

  /// Gives back the memory of some of the elements, which must not be read again: a mapped file
  /// keeps them, one that was read in full loses them.
  package func release(_ elements: Range<Int>) {
    let width = info.dataType.bitWidth
    let start = info.dataOffsets.lowerBound
    file.release(
      start + elements.lowerBound * width / 8..<start + elements.upperBound * width / 8)
  }
}
