/// Puts runs of non-starters into the order of their combining classes, keeping the order of equals.
struct CanonicalOrdering {
  struct Item {
    var scalar: UInt32
    /// What it adds to the text: 1 if it comes in besides the first of its decomposition, 0 if it
    /// stands for one source scalar, less if it stands for more.
    var change: Int
    fileprivate var order: UInt64

    /// Whether it is the first scalar of what one source scalar decomposed to.
    var isFirst: Bool { change <= 0 }
  }

  private var pending: [Item] = []

  /// Takes the next scalar; appends to `items` what is known to be in order.
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
