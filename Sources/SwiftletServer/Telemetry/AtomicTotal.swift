#if Server
import Synchronization

/// A number that any thread may change without a lock.
struct AtomicTotal: ~Copyable, Sendable {
  /// The bits of a `Double`. All bits are set until the first value; that is NaN.
  private let bits = Atomic(UInt64.max)

  /// The number; nil before the first value.
  var value: Double? {
    let bits = bits.load(ordering: .relaxed)
    return bits == .max ? nil : Double(bitPattern: bits)
  }

  func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

  /// Adds to the number, which is 0 before the first value.
  func add(_ amount: Double) {
    var old = bits.load(ordering: .relaxed)
    while true {
      let sum = old == .max ? amount : Double(bitPattern: old) + amount
      let (isDone, current) = bits.weakCompareExchange(
        expected: old, desired: sum.bitPattern, ordering: .relaxed)
      if isDone { return }
      old = current
    }
  }
}
#endif
