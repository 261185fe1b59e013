import Glibc
import SwiftletSystem

/// Zeroed memory for a model's weights, freed as a whole.
///
/// Large arrays lie in huge pages where the system has them: short inputs take as long as reading the
/// weights, and a core reads huge pages 40 % faster.
final class WeightArena {
  private var mappings: [UnsafeMutableRawBufferPointer] = []
  /// The addresses that are free for matrices, and those for small arrays. Separate, so that the thread that
  /// packs a matrix is the first to touch its pages, and clears them in parallel with other threads.
  private var large = 0..<0
  private var small = 0..<0
  private(set) var byteCount = 0

  private static let hugePage = 2 << 20
  /// Bytes mapped at a time; untouched pages take no memory.
  private static let mappingBytes = 64 << 20
  private static let maxSmallArrayBytes = 64 << 10
  private static let purpose = "the weights of the model"

  deinit { for mapping in mappings { munmap(mapping.baseAddress, mapping.count) } }

  /// A zeroed array on a 64-byte boundary.
  func allocate<Element: BitwiseCopyable>(
    _ count: Int, of type: Element.Type = Float.self
  ) throws(MemoryError) -> UnsafeMutablePointer<Element> {
    let bytes = (max(count, 1) * MemoryLayout<Element>.stride + 63) / 64 * 64
    let address =
      bytes <= Self.maxSmallArrayBytes
      ? try take(bytes, from: &small, isHuge: false) : try take(bytes, from: &large, isHuge: true)
    guard let block = UnsafeMutableRawPointer(bitPattern: address) else {
      throw MemoryError(bytes: bytes, purpose: Self.purpose)
    }
    byteCount += bytes
    return block.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  private func take(
    _ bytes: Int, from free: inout Range<Int>, isHuge: Bool
  ) throws(MemoryError) -> Int {
    if bytes > free.count { free = try reserve(bytes, isHuge: isHuge) }
    defer { free = free.lowerBound + bytes..<free.upperBound }
    return free.lowerBound
  }

  private func reserve(_ bytes: Int, isHuge: Bool) throws(MemoryError) -> Range<Int> {
    // Where addresses are limited (ulimit -v), only what is needed.
    guard
      let (base, size) = Self.map(max(Self.mappingBytes, bytes) + Self.hugePage)
        ?? Self.map(bytes + Self.hugePage)
    else { throw MemoryError(bytes: bytes, purpose: Self.purpose) }
    mappings.append(UnsafeMutableRawBufferPointer(start: base, count: size))
    let start = (Int(bitPattern: base) + Self.hugePage - 1) / Self.hugePage * Self.hugePage
    let end = Int(bitPattern: base) + size
    if isHuge { madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_HUGEPAGE) }
    return start..<end
  }

  private static func map(_ size: Int) -> (base: UnsafeMutableRawPointer, size: Int)? {
    guard
      let base = mmap(
        nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      base != MAP_FAILED
    else { return nil }
    return (base, size)
  }
}
