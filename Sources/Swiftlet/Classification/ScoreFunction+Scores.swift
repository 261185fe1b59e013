import Glibc
package import SwiftletCheckpoint
import SwiftletEncoder

extension ScoreFunction {
  /// Selects the function as transformers' text-classification pipeline does.
  package init(_ problemType: ProblemType?, labelCount: Int) {
    switch problemType {
    case .regression: self = .none
    case .multiLabel: self = .sigmoid
    case .singleLabel: self = labelCount == 1 ? .sigmoid : .softmax
    case nil: self = labelCount == 1 ? .sigmoid : .softmax
    }
  }

  /// Returns the score of each logit divided by the temperature.
  func scores(of logits: [Float], temperature: Float) -> [Float] {
    scores(of: temperature == 1 ? logits : logits.map { $0 / temperature })
  }

  /// Returns the score of each logit.
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
