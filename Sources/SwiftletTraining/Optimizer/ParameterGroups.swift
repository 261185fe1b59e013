package import SwiftletCheckpoint

/// The tensors that training does not change.
public struct Freezing: Sendable, Equatable {
  /// The embeddings and their normalisation.
  public var embeddings = false
  /// The first layers, counted from the embeddings.
  public var layers = 0
  /// Everything but the head: a pooler of the base model is frozen too.
  public var body = false

  /// Every tensor is trained.
  public init() {}
}

/// The learning rate and weight decay of each tensor, as a factor of the training's own.
package struct ParameterGroups: Sendable {
  /// What AdamW does with a tensor.
  package struct Group: Sendable, Equatable, Hashable {
    /// Multiplies the learning rate.
    package let rateFactor: Double
    /// Whether the tensor's weights decay.
    package let decays: Bool
  }

  private let layerCount: Int
  private let freezing: Freezing
  private let layerDecay: Double
  private let headFactor: Double
  private let newNames: Set<String>

  /// - Parameters:
  ///   - layerCount: transformer layers of the model.
  ///   - freezing: the tensors that keep their values.
  ///   - layerDecay: how much smaller the rate gets from one layer to the one below it; 1 is the
  ///     same rate everywhere. ELECTRA's fine-tuning uses 0.8.
  ///   - headRateFactor: the head's own learning rate, divided by the training's.
  ///   - newNames: tensors without a value in the base model. They count as the head.
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if a value is out of range.
  package init(
    layerCount: Int, freezing: Freezing = Freezing(), layerDecay: Double = 1,
    headRateFactor: Double = 1, newNames: Set<String> = []
  ) throws(TrainingError) {
    guard layerDecay > 0 && layerDecay <= 1 else {
      throw .invalidOption(
        name: "--layer-decay", reason: "must be above 0 and at most 1, not \(layerDecay)")
    }
    guard headRateFactor > 0 && headRateFactor.isFinite else {
      throw .invalidOption(name: "--head-learning-rate", reason: "must be above 0")
    }
    guard (0...layerCount).contains(freezing.layers) else {
      throw .invalidOption(
        name: "--freeze",
        reason: "is layers:\(freezing.layers), but the model has \(layerCount) layers")
    }
    self.layerCount = layerCount
    self.freezing = freezing
    self.layerDecay = layerDecay
    headFactor = headRateFactor
    self.newNames = newNames
  }

  /// The group of a tensor; nil if it is frozen.
  package func group(of parameter: Parameter) -> Group? {
    group(name: parameter.name, layer: parameter.layer, decays: parameter.decays)
  }

  /// The group of a tensor; nil if it is frozen.
  ///
  /// The rate is multiplied by layerDecay^(layers + 2 - depth), as in ELECTRA: embeddings have
  /// depth 0, layer i has depth i + 1, a pooler layers + 1 and the head layers + 2.
  ///
  /// - Parameters:
  ///   - name: as in ``Parameter/name``, without the prefix of the body.
  ///   - layer: nil for embeddings, pooler and head.
  ///   - decays: whether weight decay is for tensors of this kind.
  /// - Returns: nil if it is frozen.
  package func group(name: String, layer: Int?, decays: Bool) -> Group? {
    guard !newNames.contains(name) else { return Group(rateFactor: headFactor, decays: decays) }
    let depth: Int
    if let layer {
      guard layer >= freezing.layers else { return nil }
      depth = layer + 1
    } else if name.hasPrefix("embeddings.") {
      guard !freezing.embeddings else { return nil }
      depth = 0
    } else if name.hasPrefix("pooler.") {
      depth = layerCount + 1
    } else {
      return Group(rateFactor: headFactor, decays: decays)
    }
    guard !freezing.body else { return nil }
    var factor = 1.0
    for _ in depth..<layerCount + 2 { factor *= layerDecay }
    return Group(rateFactor: factor, decays: decays)
  }
}
