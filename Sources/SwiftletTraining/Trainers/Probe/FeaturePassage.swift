import Glibc
import SwiftletCheckpoint

/// How features pass the layer before the classifier, which transformers' model has and a probe does not
/// need.
///
/// DistilBERT has ReLU(pre_classifier(h)): with the identity and a bias above every |h| the result is h
/// plus the bias, which the classifier's own bias takes back. BERT has tanh(pooler(h)): with a small
/// diagonal the result is nearly proportional to h. The probe is fitted on that result, so that the model
/// computes exactly the features it was fitted on.
struct FeaturePassage: Sendable {
  private enum Layer: Sendable {
    /// The pooler of the base, which the features have passed.
    case base
    /// max(0, h + bias)
    case shift([Float])
    /// tanh(factor * h)
    case scale([Float])
  }

  private let layer: Layer
  private let architecture: Architecture

  /// The pooler of the base.
  init(base architecture: Architecture) {
    layer = .base
    self.architecture = architecture
  }

  /// A layer for features whose absolute values are at most `largest` in all rows that are known.
  init(_ architecture: Architecture, largest: [Float]) {
    self.architecture = architecture
    let mean = largest.reduce(0, +) / Float(max(largest.count, 1))
    // A feature that is small in few rows may be larger in others.
    let bounds = largest.map { max($0, mean, .leastNormalMagnitude) }
    switch architecture {
    case .distilBERT: layer = .shift(bounds.map { $0 * Self.margin })
    case .bert: layer = .scale(bounds.map { Self.reach / Self.powerOfTwo(above: $0) })
    }
  }

  /// Larger features than this many times the largest known one are cut.
  private static let margin: Float = 4
  /// The largest argument of tanh. Below it tanh is curved by less than 4e-4, and its rounding errors of 2e-7
  /// stay below 2e-5 of the largest feature.
  private static let reach: Float = 1 / 32

  /// Powers of two divide and multiply without rounding.
  private static func powerOfTwo(above bound: Float) -> Float {
    let power = Float(sign: .plus, exponent: bound.exponent, significand: 1)
    return power < bound ? 2 * power : power
  }

  /// Changes features to what the classifier receives, without the factor or the bias that it takes back.
  func apply(to row: UnsafeMutableBufferPointer<Float>) {
    guard case .scale(let factors) = layer else { return }
    for (index, factor) in factors.enumerated() {
      row[index] = Float(tanh(Double(factor * row[index])) / Double(factor))
    }
  }

  /// The parameters of the head by name, for a linear model of the features: weights [outputs, features] and
  /// biases [outputs].
  func parameters(weights: [Double], biases: [Double]) -> [String: [Float]] {
    let width = weights.count / max(biases.count, 1)
    var result: [String: [Float]] = [:]
    var (weights, biases) = (weights, biases)
    switch layer {
    case .base: break
    case .shift(let shifts):
      for output in biases.indices {
        for (index, shift) in shifts.enumerated() {
          // The model's own weight, so that both terms cancel.
          biases[output] -= Double(Float(weights[output * width + index])) * Double(shift)
        }
      }
      result = pooler(diagonal: [Float](repeating: 1, count: width), biases: shifts)
    case .scale(let factors):
      for index in weights.indices { weights[index] /= Double(factors[index % width]) }
      result = pooler(diagonal: factors, biases: [Float](repeating: 0, count: width))
    }
    result[Architecture.classifier + ".weight"] = weights.map(Float.init)
    result[Architecture.classifier + ".bias"] = biases.map(Float.init)
    return result
  }

  private func pooler(diagonal: [Float], biases: [Float]) -> [String: [Float]] {
    let width = diagonal.count
    var weights = [Float](repeating: 0, count: width * width)
    for (index, value) in diagonal.enumerated() { weights[index * width + index] = value }
    return [architecture.pooler + ".weight": weights, architecture.pooler + ".bias": biases]
  }
}
