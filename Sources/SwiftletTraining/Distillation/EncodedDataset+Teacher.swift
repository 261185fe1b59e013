import SwiftletEncoder

extension EncodedDataset {
  /// Whether an example has a true label.
  var hasLabels: Bool { (0..<count).contains { labelledItems(of: $0) > 0 } }

  /// Whether an example has tokens of a type other than 0, as the second texts of pairs have.
  var hasTokenTypes: Bool {
    (0..<count).contains { example in
      (0..<sequenceCount(of: example)).contains { number in
        sequence(number, of: example).typeIDs?.contains { $0 != 0 } ?? false
      }
    }
  }

  /// The examples with the teacher's answers as targets, on which a student agrees with it or does not:
  /// the label with the highest logit, the labels with logits above 0, or the number itself. The first and
  /// the last token of a text, which are special, have no target.
  func answered(by answers: SoftLabels) -> EncodedDataset {
    var rows = rows
    switch task {
    case .multiLabel: rows.replaceLabelSets(labelSets(answers))
    case .regression:
      for example in 0..<count { rows.values[row(of: example)] = answers[example].first ?? .nan }
    case .tokens:
      for example in 0..<count {
        let tokens = rows.tokens(of: row(of: example))
        let labels = Self.largest(answers[example], width: answers.width)
        for (token, label) in zip(tokens, labels) {
          let isEnd = token == tokens.lowerBound || token == tokens.upperBound - 1
          rows.classes[token] = isEnd ? EncodedRows.ignored : label
        }
      }
    default:
      for example in 0..<count {
        rows.classes[row(of: example)] = Self.largest(answers[example], width: answers.width)[0]
      }
    }
    return EncodedDataset(
      task: task, labels: labels, rows: rows, selection: (0..<count).map { Int32(row(of: $0)) })
  }

  /// The label sets of all rows; rows of another part have none.
  private func labelSets(_ answers: SoftLabels) -> [[Int32]] {
    var sets = [[Int32]](repeating: [EncodedRows.ignored], count: rows.count)
    for example in 0..<count {
      sets[row(of: example)] = answers[example].enumerated()
        .filter { $0.element > 0 }.map { Int32($0.offset) }
    }
    return sets
  }

  /// The index of the largest number of each row, the first one of equals.
  private static func largest(_ values: ArraySlice<Float>, width: Int) -> [Int32] {
    stride(from: values.startIndex, to: values.endIndex, by: width).map { start in
      var best = start
      for index in start..<start + width where values[index] > values[best] { best = index }
      return Int32(best - start)
    }
  }
}

extension EncodedRows {
  /// Replaces the label set of every example.
  fileprivate mutating func replaceLabelSets(_ sets: [[Int32]]) {
    classes = ChunkedArray()
    classEnds = ChunkedArray()
    for set in sets {
      classes.append(contentsOf: set)
      classEnds.append(UInt32(truncatingIfNeeded: classes.count))
    }
  }
}
