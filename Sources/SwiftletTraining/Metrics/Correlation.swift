/// A correlation of predictions and targets, or the reason why it is undefined.
public enum Correlation: Sendable, Equatable {
  /// From -1 to 1.
  case value(Double)
  /// All predictions are the same number.
  case constantPredictions
  /// All targets are the same number.
  case constantTargets
  /// Fewer than two rows.
  case tooFewRows
  /// A prediction or a target is not a finite number.
  case notFinite

  /// The number, if it is defined.
  public var number: Double? {
    if case .value(let number) = self { number } else { nil }
  }

  /// Pearson's correlation of the numbers themselves.
  package static func pearson(predictions: [Double], targets: [Double]) -> Correlation {
    precondition(predictions.count == targets.count, "a target for each prediction")
    guard predictions.count >= 2 else { return .tooFewRows }
    guard (predictions + targets).allSatisfy(\.isFinite) else { return .notFinite }
    guard !isConstant(predictions) else { return .constantPredictions }
    guard !isConstant(targets) else { return .constantTargets }
    let (x, y) = (centered(predictions), centered(targets))
    let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    let lengths = (squares(x) * squares(y)).squareRoot()
    return lengths > 0 ? .value(max(-1, min(1, product / lengths))) : .constantPredictions
  }

  /// Spearman's correlation: Pearson's of the ranks, where equal numbers share their mean rank.
  package static func spearman(predictions: [Double], targets: [Double]) -> Correlation {
    guard (predictions + targets).allSatisfy(\.isFinite) else { return .notFinite }
    return pearson(predictions: ranks(predictions), targets: ranks(targets))
  }

  private static func isConstant(_ numbers: [Double]) -> Bool {
    numbers.allSatisfy { $0 == numbers[0] }
  }

  private static func centered(_ numbers: [Double]) -> [Double] {
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    return numbers.map { $0 - mean }
  }

  private static func squares(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 } }

  private static func ranks(_ numbers: [Double]) -> [Double] {
    let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
    var ranks = [Double](repeating: 0, count: numbers.count)
    var first = 0
    while first < order.count {
      var end = first + 1
      while end < order.count && numbers[order[end]] == numbers[order[first]] { end += 1 }
      for place in first..<end { ranks[order[place]] = Double(first + end + 1) / 2 }
      first = end
    }
    return ranks
  }
}
