import SwiftletEncoder
import SwiftletSystem

extension EncodedDataset {
  /// Adds labels, tokens and targets of all examples in their order to a digest.
  func addFingerprint(to digest: inout MessageDigest<SHA256>) {
    digest.update("\(task) \(count)")
    for label in labels { digest.update(" \(label.utf8.count) \(label)") }
    // Many examples at a time, as a digest is slow with few bytes.
    var numbers: [Int32] = []
    for example in 0..<count {
      addNumbers(of: example, to: &numbers)
      guard numbers.count > 1 << 14 || example == count - 1 else { continue }
      numbers.withUnsafeBytes { digest.update($0) }
      numbers.removeAll(keepingCapacity: true)
    }
  }

  /// Each list follows its length, so that different examples have different numbers.
  private func addNumbers(of example: Int, to numbers: inout [Int32]) {
    func add(_ list: [Int32]) {
      numbers.append(Int32(truncatingIfNeeded: list.count))
      numbers += list
    }
    let sequences = sequenceCount(of: example)
    numbers.append(Int32(truncatingIfNeeded: sequences))
    for number in 0..<sequences {
      let sequence = sequence(number, of: example)
      add(sequence.ids)
      add(sequence.typeIDs ?? [])
    }
    add(target(of: example).numbers)
  }
}

extension ExampleTarget {
  fileprivate var numbers: [Int32] {
    switch self {
    case .label(let label): [label]
    case .labels(let labels), .tokenLabels(let labels): labels
    case .value(let value), .similarity(let value): [Int32(bitPattern: value.bitPattern)]
    case .span(let start, let end): [start, end].map(Int32.init(truncatingIfNeeded:))
    case .choice(let choice): [Int32(truncatingIfNeeded: choice)]
    case .none: []
    }
  }
}
