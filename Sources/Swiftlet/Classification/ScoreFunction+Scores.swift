import Glibc
package import SwiftletCheckpoint
import SwiftletEncoder

extension ScoreFunction {
  /// The function that transformers' text-classification pipeline takes for a configuration.
  package init(_ problemType: ProblemType?, labelCount: Int) {
    switch problemType {
    case .regression: self = .none
    case .multiLabel: self = .sigmoid
    case .singleLabel: self = labelCount == 1 ? .sigmoid : .softmax
    case nil: self = labelCount == 1 ? .sigmoid : .softmax
    }
  }

  /// The score of each logit, in the same order; logits are divided by the temperature first.
  func scores(of logits: [Float], temperature: Float) -> [Float] {
    scores(of: temperature == 1 ? logits : logits.map { $0 / temperature })
  }

  /// The score of each logit, in the same order.
  package func scores(of logits: [Float]) -> [Float] {
    switch self {
    case .none: return logits
    case .sigmoid: return logits.map { 1 / (1 + expf(-$0)) }
    case .softmax:
      let largest = logits.max() ?? 0
      let numerators = logits.map { expf($0 - largest) }
      let sum = numerators.reduce(0, +)
      return numerators.map { $0 / sum }
    }
  }
}
