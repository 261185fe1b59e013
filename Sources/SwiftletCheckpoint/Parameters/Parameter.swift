/// A tensor of numbers that a model has learned.
package struct Parameter: Sendable, Equatable {
  package enum Role: Sendable {
    /// A table, of which a row is read for each token.
    case embedding
    /// [outputs, inputs]
    case linearWeight
    /// [outputs]
    case linearBias
    case normWeight, normBias
  }

  /// As transformers names it today, without the prefix of the body.
  package let name: String
  package let shape: [Int]
  package let role: Role
  /// The transformer layer that it belongs to; nil for embeddings and heads.
  package var layer: Int?
  /// The name of the tensor that is the same parameter, where a checkpoint has no tensor of this name;
  /// transformers saves such a pair under that name.
  package var tiedTo: String?

  /// The name under which transformers saves it.
  package var savedName: String { tiedTo ?? name }

  /// Whether AdamW decays it: transformers' Trainer leaves out biases and layer normalisation.
  package var decays: Bool { role == .embedding || role == .linearWeight }

  /// Whether ``QuantizedFormat`` stores it as a part of an int8 layer.
  package var isQuantized: Bool { layer != nil && (role == .linearWeight || role == .linearBias) }
}

extension Parameter {
  static func embedding(_ name: String, rows: Int, columns: Int) -> Parameter {
    Parameter(name: name + ".weight", shape: [rows, columns], role: .embedding)
  }

  package static func linear(
    _ name: String, inputs: Int, outputs: Int, hasBias: Bool = true
  ) -> [Parameter] {
    let weight = Parameter(name: name + ".weight", shape: [outputs, inputs], role: .linearWeight)
    let bias = Parameter(name: name + ".bias", shape: [outputs], role: .linearBias)
    return hasBias ? [weight, bias] : [weight]
  }

  static func norm(_ name: String, size: Int) -> [Parameter] {
    [
      Parameter(name: name + ".weight", shape: [size], role: .normWeight),
      Parameter(name: name + ".bias", shape: [size], role: .normBias),
    ]
  }
}
