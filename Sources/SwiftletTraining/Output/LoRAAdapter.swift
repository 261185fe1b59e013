import SwiftletSafetensors
import SwiftletSystem

/// Low-rank changes of linear layers, as the library peft stores them.
///
/// Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021: W + (alpha / r) B A.
package struct LoRAAdapter: Sendable, Equatable {
  /// The change of one layer.
  package struct Layer: Sendable, Equatable {
    /// The layer's name in the checkpoint, such as `distilbert.transformer.layer.0.attention.q_lin`.
    package var name: String
    package var inputs: Int
    package var outputs: Int
    /// [rank, inputs]
    package var a: [Float]
    /// [outputs, rank]
    package var b: [Float]

    package init(name: String, inputs: Int, outputs: Int, a: [Float], b: [Float]) {
      (self.name, self.inputs, self.outputs, self.a, self.b) = (name, inputs, outputs, a, b)
    }
  }

  /// A tensor that was trained as a whole, such as a new head's.
  package struct SavedTensor: Sendable, Equatable {
    /// The name in the checkpoint, such as `classifier.weight`.
    package var name: String
    package var shape: [Int]
    package var values: [Float]

    package init(name: String, shape: [Int], values: [Float]) {
      (self.name, self.shape, self.values) = (name, shape, values)
    }
  }

  /// The ranks that an adapter may have, of which no product with the size of a layer overflows.
  static let ranks = 1...65_536

  package var rank: Int
  package var alpha: Double
  package var dropout = 0.0
  /// `alpha` is divided by √rank instead of rank.
  package var usesRankStabilization = false
  /// The last parts of the names of changed layers, such as `q_lin`.
  package var targetModules: [String]
  /// The last parts of the names of layers that were trained as a whole, such as `classifier`.
  package var savedModules: [String]
  /// peft's task, such as `SEQ_CLS`; nil if it has none.
  package var task: String?
  package var baseModel: String?
  package var layers: [Layer] = []
  package var savedTensors: [SavedTensor] = []

  package init(
    rank: Int = 8, alpha: Double = 8, targetModules: [String], savedModules: [String] = [],
    task: String? = nil, baseModel: String? = nil
  ) {
    (self.rank, self.alpha, self.targetModules) = (rank, alpha, targetModules)
    (self.savedModules, self.task, self.baseModel) = (savedModules, task, baseModel)
  }

  /// The factor of B A.
  package var scale: Double {
    alpha / (usesRankStabilization ? Double(rank).squareRoot() : Double(rank))
  }

  /// Adds the change of a layer to its weights [outputs, inputs].
  package func merge(_ layer: Layer, into weights: UnsafeMutableBufferPointer<Float>) {
    requirePrecondition(
      weights.count == layer.outputs * layer.inputs && layer.a.count == rank * layer.inputs
        && layer.b.count == rank * layer.outputs,
      "\(weights.count) weights for a layer of \(layer.outputs) x \(layer.inputs)")
    let scale = Float(scale)
    var change = [Float](repeating: 0, count: layer.inputs)
    for output in 0..<layer.outputs {
      for index in change.indices { change[index] = 0 }
      for part in 0..<rank {
        let factor = layer.b[output * rank + part]
        let row = part * layer.inputs
        for index in change.indices { change[index] += factor * layer.a[row + index] }
      }
      let target = output * layer.inputs
      for index in change.indices { weights[target + index] += scale * change[index] }
    }
  }
}
