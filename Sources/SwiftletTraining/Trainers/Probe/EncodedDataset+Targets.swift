extension EncodedDataset {
  /// The label's number; nil for an example without one.
  func classNumber(of example: Int) -> Int? {
    guard case .label(let label) = target(of: example), label != EncodedRows.ignored else {
      return nil
    }
    return Int(label)
  }

  /// Whether an example has each of ``labels``.
  func labelFlags(of example: Int) -> [Bool] {
    var flags = [Bool](repeating: false, count: labels.count)
    if case .labels(let numbers) = target(of: example) {
      for number in numbers where number >= 0 { flags[Int(number)] = true }
    }
    return flags
  }

  /// The labels of an example as a set of numbers; nil for an example without labels.
  func labelSet(of example: Int) -> [Int]? {
    guard labelledItems(of: example) > 0 else { return nil }
    if case .labels(let numbers) = target(of: example) { return numbers.map(Int.init) }
    return classNumber(of: example).map { [$0] }
  }
}
