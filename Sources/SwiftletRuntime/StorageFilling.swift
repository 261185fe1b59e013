import SwiftletSystem

/// A part of a ``WeightStorage`` that is to be filled, in any order and on any thread.
protocol StorageFilling: Sendable {
  /// The ranges that a thread fills at a time.
  var chunks: [Range<Int>] { get }
  func run(_ chunk: Range<Int>) throws(MemoryError)
}

extension StorageFilling {
  /// Cuts `count` units of `bytesEach` stored bytes into chunks of about four megabytes: enough chunks
  /// for many threads, and few releases of memory, each of which stops all threads briefly.
  func chunks(of count: Int, bytesEach: Int) -> [Range<Int>] {
    let size = max(1, (4 << 20) / bytesEach)
    return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }
}

/// Copies an array that needs no conversion.
struct ArrayCopy<Element: BitwiseCopyable & Sendable>: StorageFilling, @unchecked Sendable {
  /// At any address.
  let source: UnsafeRawPointer
  let target: UnsafeMutablePointer<Element>
  let count: Int
  /// Releases the source memory of elements that will not be read again.
  let release: @Sendable (Range<Int>) -> Void

  var chunks: [Range<Int>] { chunks(of: count, bytesEach: MemoryLayout<Element>.stride) }

  func run(_ chunk: Range<Int>) {
    let stride = MemoryLayout<Element>.stride
    UnsafeMutableRawPointer(target + chunk.lowerBound).copyMemory(
      from: source + chunk.lowerBound * stride, byteCount: chunk.count * stride)
    release(chunk)
  }
}
