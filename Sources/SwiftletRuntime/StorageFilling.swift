import SwiftletSystem

/// A part of a `WeightStorage` that is still empty. It can be filled in any order, by any thread.
protocol StorageFilling: Sendable {
  /// What one thread does at a time.
  var chunks: [Range<Int>] { get }
  func run(_ chunk: Range<Int>) throws(MemoryError)
}

extension StorageFilling {
  /// Cuts parts of so many stored bytes into shares of about four megabytes: enough of them for many
  /// threads, few enough that giving back what was read, which stops all the threads for a moment,
  /// costs little.
  func chunks(of count: Int, bytesEach: Int) -> [Range<Int>] {
    let size = max(1, (4 << 20) / bytesEach)
    return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }
}

/// An array that is stored as its readers want it, on its way into memory of its own.
struct ArrayCopy<Element: BitwiseCopyable & Sendable>: StorageFilling, @unchecked Sendable {
  /// At any address.
  let source: UnsafeRawPointer
  let target: UnsafeMutablePointer<Element>
  let count: Int
  /// Gives memory back where it can be: nobody will ask for these elements again.
  let release: @Sendable (Range<Int>) -> Void

  var chunks: [Range<Int>] { chunks(of: count, bytesEach: MemoryLayout<Element>.stride) }

  func run(_ chunk: Range<Int>) {
    let stride = MemoryLayout<Element>.stride
    UnsafeMutableRawPointer(target + chunk.lowerBound).copyMemory(
      from: source + chunk.lowerBound * stride, byteCount: chunk.count * stride)
    release(chunk)
  }
}
