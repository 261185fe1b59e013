/// How often each label of a dataset occurs: in rows, or in words for tags.
package struct LabelCounts: Sendable, Equatable {
  /// The number for each label, in the order of the model's outputs.
  package private(set) var counts: [Int]
  /// Rows without a label, which only a teacher can use.
  package private(set) var unlabelled = 0

  package init(of data: EncodedDataset) {
    counts = [Int](repeating: 0, count: data.labels.count)
    guard data.task.hasLabels else { return }
    for example in 0..<data.count {
      switch data.target(of: example) {
      case .label(let label): add(label)
      case .labels(let labels): for label in labels { add(label) }
      case .tokenLabels(let labels):
        for label in labels where label != EncodedRows.ignored { add(label) }
      default: break
      }
    }
  }

  private mutating func add(_ label: Int32) {
    if label >= 0 { counts[Int(label)] += 1 } else { unlabelled += 1 }
  }
}
