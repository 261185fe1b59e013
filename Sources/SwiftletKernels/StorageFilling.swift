/// A part of a `WeightStorage` that is still empty. It can be filled in any order, by any thread.
protocol StorageFilling: Sendable {
  /// What one thread does at a time: about four megabytes of what is stored, which are enough pieces
  /// for many threads, and few enough that giving back what was read, which stops all the threads for
  /// a moment, costs little.
  var shares: [Range<Int>] { get }
  func run(_ share: Range<Int>)
}

/// An array that is stored as its readers want it, on its way into memory of its own.
struct ArrayCopy<Element: BitwiseCopyable & Sendable>: StorageFilling, @unchecked Sendable {
  /// At any address.
  let source: UnsafeRawPointer
  let target: UnsafeMutablePointer<Element>
  let count: Int
  /// Gives memory back where it can be: nobody will ask for these elements again.
  let release: @Sendable (Range<Int>) -> Void

  var shares: [Range<Int>] {
    let size = (4 << 20) / MemoryLayout<Element>.stride
    return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  func run(_ share: Range<Int>) {
    let stride = MemoryLayout<Element>.stride
    UnsafeMutableRawPointer(target + share.lowerBound).copyMemory(
      from: source + share.lowerBound * stride, byteCount: share.count * stride)
    release(share)
  }
}
