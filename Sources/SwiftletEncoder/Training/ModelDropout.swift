import SwiftletCheckpoint
import SwiftletKernelCore

/// The dropouts of a layer; nil where the rate is 0, and in evaluation.
struct LayerDropout {
  let attention: Dropout?
  let attentionOutput: Dropout?
  let feedForward: Dropout?
}

/// The dropouts of a model. Every place has its own key, so that the masks of two places are independent.
struct ModelDropout {
  private enum Place: UInt32 {
    case embeddings, attention, attentionOutput, feedForward, head
  }

  private let rates: DropoutRates?

  /// Nil rates switch all dropouts off.
  init(_ rates: DropoutRates?) { self.rates = rates }

  var embeddings: Dropout? { dropout(rates?.embeddings, .embeddings) }
  var sequenceHead: Dropout? { dropout(rates?.sequenceHead, .head) }
  var tokenHead: Dropout? { dropout(rates?.tokenHead, .head) }
  var questionHead: Dropout? { dropout(rates?.questionHead, .head) }

  func layer(_ index: Int) -> LayerDropout {
    LayerDropout(
      attention: dropout(rates?.attention, .attention, layer: index),
      attentionOutput: dropout(rates?.attentionOutput, .attentionOutput, layer: index),
      feedForward: dropout(rates?.feedForward, .feedForward, layer: index))
  }

  private func dropout(_ rate: Double?, _ place: Place, layer: Int = 0) -> Dropout? {
    guard let rate, rate > 0 else { return nil }
    return Dropout(
      probability: rate, key: Dropout.mix(place.rawValue, UInt32(truncatingIfNeeded: layer)))
  }
}
