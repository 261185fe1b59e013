import LimitBaseline
import Synchronization

#if arch(x86_64)
import LimitAVX2
import LimitAVX512
import LimitAVX512BF16
#endif

/// What the machine's cores could do at most: loops of multiply-and-adds that touch no memory.
enum ArithmeticLimit {
  /// Operations per second of `threads` threads together, with an instruction set that supports the
  /// precision; a product and a sum count two. The best of several short windows: a limit is not an
  /// average.
  static func rate(
    _ set: InstructionSet, _ precision: Precision, threads: Int, windows: Int = 8,
    seconds: Double = 0.03
  ) -> Double {
    let best = Mutex([Double](repeating: 0, count: windows))
    let arrived = Atomic(0)
    Threads.run(threads) { _ in
      for window in 0..<windows {
        // All threads at once: a core that runs alone may be clocked higher.
        arrived.wrappingAdd(1, ordering: .acquiringAndReleasing)
        while arrived.load(ordering: .acquiring) < (window + 1) * threads {}
        let rate = rateOfOneThread(set, precision, seconds: seconds)
        best.withLock { $0[window] += rate }
      }
    }
    return best.withLock { $0.max() ?? 0 }
  }

  private static func rateOfOneThread(
    _ set: InstructionSet, _ precision: Precision, seconds: Double
  ) -> Double {
    let operations = function(set, precision)
    var count = 0
    let start = now()
    var end = start
    repeat {
      count += operations(20_000, 1).count
      end = now()
    } while end - start < seconds
    return Double(count) / (end - start)
  }

  private static func function(
    _ set: InstructionSet, _ precision: Precision
  ) -> (_ rounds: Int, _ seed: Int32) -> (count: Int, total: Double) {
    switch (set, precision) {
    #if arch(x86_64)
    case (.avx512bf16, .float32): LimitAVX512BF16.floatOperations
    case (.avx512bf16, .bfloat16): LimitAVX512BF16.bfloat16Operations
    case (.avx512bf16, .int8): LimitAVX512BF16.integerOperations
    case (.avx512, .float32): LimitAVX512.floatOperations
    case (.avx512, .int8): LimitAVX512.integerOperations
    case (.avx2, .float32): LimitAVX2.floatOperations
    case (.avx2, .int8): LimitAVX2.integerOperations
    #endif
    case (_, .float32), (_, .bfloat16): LimitBaseline.floatOperations
    case (_, .int8): LimitBaseline.integerOperations
    }
  }
}
