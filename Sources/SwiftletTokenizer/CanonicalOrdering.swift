/// Sorts runs of non-starters by combining class; the sort is stable.
struct CanonicalOrdering {
  struct Item {
    var scalar: UInt32
    /// The change in the number of scalars: 1 for a further scalar of a decomposition, 0 for the
    /// first, negative for a composition of several source scalars.
    var change: Int
    fileprivate var order: UInt64

    /// Whether it is the first scalar of a decomposition.
    var isFirst: Bool { change <= 0 }
  }

  private var pending: [Item] = []

  /// Adds the next scalar; appends the scalars whose order is final to `items`.
  mutating func add(_ scalar: UInt32, isFirst: Bool, to items: inout [Item]) {
    let combiningClass = UnicodeTables.combiningClass(scalar)
    if combiningClass == 0 {
      flush(to: &items)
      items.append(Item(scalar: scalar, change: isFirst ? 0 : 1, order: 0))
    } else {
      let order = UInt64(combiningClass) << 56 | UInt64(pending.count)
      pending.append(Item(scalar: scalar, change: isFirst ? 0 : 1, order: order))
    }
  }

  mutating func flush(to items: inout [Item]) {
    if pending.count > 1 { pending.sort { $0.order < $1.order } }
    items += pending
    pending.removeAll(keepingCapacity: true)
  }
}
