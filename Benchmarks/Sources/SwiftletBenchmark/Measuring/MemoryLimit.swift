import Glibc
import Synchronization

/// How fast memory can be read: what bounds short texts, for which every weight is read once.
enum MemoryLimit {
  /// Bytes per second that `threads` threads together read from a buffer larger than any cache, on
  /// huge pages where the system gives them; the best of several passes.
  static func readRate(threads: Int) -> Double {
    let share = 192 << 20
    let count = share * threads
    let page = 2 << 20
    guard let memory = aligned_alloc(page, count) else { return 0 }
    defer { free(memory) }
    madvise(memory, count, MADV_HUGEPAGE)
    memset(memory, 1, count)
    nonisolated(unsafe) let start = memory
    let total = Mutex<SIMD16<UInt32>>(.zero)
    var best = 0.0
    for _ in 0..<5 {
      let begin = now()
      Threads.run(threads) { thread in
        let sum = sum(UnsafeRawBufferPointer(start: start + thread * share, count: share))
        total.withLock { $0 &+= sum }
      }
      best = max(best, Double(count) / (now() - begin))
    }
    // A sum that is never read would not be computed.
    return total.withLock { $0[0] } == .max ? 0 : best
  }

  private static func sum(_ bytes: UnsafeRawBufferPointer) -> SIMD16<UInt32> {
    var (first, second) = (SIMD16<UInt32>.zero, SIMD16<UInt32>.zero)
    for offset in stride(from: 0, to: bytes.count, by: 128) {
      first &+= bytes.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt32>.self)
      second &+= bytes.loadUnaligned(fromByteOffset: offset + 64, as: SIMD16<UInt32>.self)
    }
    return first &+ second
  }
}
