import Glibc
import SwiftletEncoder
import SwiftletKernelCore
import SwiftletSystem

@testable import SwiftletTraining

/// y = W2 (m ∘ tanh(W1 x + b1)) + b2 for each sequence: x are three numbers from its ids, m is dropout.
final class MockNetwork: TrainableNetwork {
  static let inputs = 3
  static let hidden = 5

  let classes: Int
  let seed: UInt64
  var weights: [Float]
  var gradients: [Float]
  var dropout: Float = 0.2
  /// Called before each pass with its number from 0.
  var beforePass: (_ pass: Int) throws -> Void = { _ in }
  /// Called before each pass with its tokens, and whether a backward pass follows.
  var duringPass: (_ tokens: Int, _ training: Bool) -> Void = { _, _ in }
  /// The step whose outputs are NaN.
  var brokenOutputs: Int?
  /// The step whose gradients are infinite.
  var brokenGradients: Int?
  private(set) var passes = 0
  private(set) var longestPass = 0

  private var features: [[Float]] = []
  private var activations: [[Float]] = []
  private var masks: [[Float]] = []
  private var step = 0
  private let outputs: AlignedBuffer<Float>

  init(classes: Int, seed: UInt64) throws {
    self.classes = classes
    self.seed = seed
    let count = Self.hidden * (Self.inputs + 1) + classes * (Self.hidden + 1)
    var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
    weights = (0..<count).map { _ in Float(generator.next32() % 1000) / 1000 - 0.5 }
    gradients = Array(repeating: 0, count: count)
    outputs = try AlignedBuffer(count: 4096 * classes)
  }

  var parameterCount: Int { weights.count }
  var trainedParameterCount: Int { weights.count }

  var recomputes = false
  func bytes(forTokens count: Int, recomputing: Bool) -> Int {
    16 * weights.count + (recomputing ? 40 : 100) * count
  }
  func weightsDidChange() {}
  func clearGradients() { for index in gradients.indices { gradients[index] = 0 } }

  func forward(
    _ batch: PackedBatch, step: Int, firstSequence: Int, training: Bool
  ) throws -> Matrix<Float> {
    try beforePass(passes)
    duringPass(batch.tokenCount, training)
    passes += 1
    longestPass = max(longestPass, batch.tokenCount)
    self.step = step
    features = (0..<batch.sequenceCount).map { Self.features(batch.ids[batch.range($0)]) }
    activations = features.map { x in
      (0..<Self.hidden).map { unit in
        let row = unit * Self.inputs
        return tanh(
          weights[row] * x[0] + weights[row + 1] * x[1] + weights[row + 2] * x[2]
            + weights[Self.hidden * Self.inputs + unit])
      }
    }
    masks = features.indices.map { sequence in
      (0..<Self.hidden).map { unit in
        training ? mask(step: step, sequence: firstSequence + sequence, unit: unit) : 1
      }
    }
    let isBroken = training && brokenOutputs == step
    for sequence in features.indices {
      for output in 0..<classes {
        outputs[sequence * classes + output] =
          isBroken ? .nan : value(of: output, sequence: sequence)
      }
    }
    return Matrix(outputs.pointer, rows: features.count, columns: classes)
  }

  func backward(_ gradient: Matrix<Float>) {
    for sequence in features.indices {
      for unit in 0..<Self.hidden {
        let active = activations[sequence][unit]
        var back: Float = 0
        for output in 0..<classes {
          let slope = gradient.row(sequence)[output]
          gradients[second(output, unit)] += slope * active * masks[sequence][unit]
          back += slope * weights[second(output, unit)] * masks[sequence][unit]
        }
        back *= 1 - active * active
        for input in 0..<Self.inputs {
          gradients[unit * Self.inputs + input] += back * features[sequence][input]
        }
        gradients[Self.hidden * Self.inputs + unit] += back
      }
      for output in 0..<classes {
        gradients[second(output, Self.hidden)] += gradient.row(sequence)[output]
      }
    }
    if brokenGradients == step { gradients[3] = .infinity }
  }

  /// The place of a weight of the second layer; its last column is the bias.
  private func second(_ output: Int, _ unit: Int) -> Int {
    Self.hidden * (Self.inputs + 1) + output * (Self.hidden + 1) + unit
  }

  private func value(of output: Int, sequence: Int) -> Float {
    (0..<Self.hidden).reduce(weights[second(output, Self.hidden)]) { sum, unit in
      sum + weights[second(output, unit)] * activations[sequence][unit] * masks[sequence][unit]
    }
  }

  private func mask(step: Int, sequence: Int, unit: Int) -> Float {
    let place = UInt64(step) << 32 | UInt64(sequence) << 8 | UInt64(unit)
    // SplitMix64's finaliser.
    var bits = (place &+ seed &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return Float(bits >> 40) / Float(1 << 24) < dropout ? 0 : 1 / (1 - dropout)
  }

  private static func features(_ ids: ArraySlice<Int32>) -> [Float] {
    let sum = ids.reduce(0) { $0 + Float($1) }
    return [sum / Float(8 * ids.count), Float(ids.first ?? 0) / 8, Float(ids.count) / 4]
  }
}

/// AdamW in plain Swift over the weights of a ``MockNetwork``.
final class MockOptimizer: TrainingOptimizer {
  struct Moments: Equatable {
    var first: [Float]
    var second: [Float]
    var updates = 0
  }

  let network: MockNetwork
  var moments: Moments
  /// The rate of each update.
  var rates: [Double] = []
  var clippings: [Float] = []

  init(_ network: MockNetwork) {
    self.network = network
    let zeros = network.weights.map { _ in Float(0) }
    moments = Moments(first: zeros, second: zeros)
  }

  func clipping(limit: Double) -> GradientClipping {
    let squares = network.gradients.map { Double($0) * Double($0) }
    return GradientClipping(squaredNorms: squares, limit: limit)
  }

  func update(learningRate: Double, clipping: Float) {
    rates.append(learningRate)
    clippings.append(clipping)
    moments.updates += 1
    let count = Double(moments.updates)
    let rate = Float(learningRate / (1 - pow(0.9, count)))
    let correction = Float((1 - pow(0.999, count)).squareRoot())
    for index in network.weights.indices {
      let gradient = network.gradients[index] * clipping
      moments.first[index] += 0.1 * (gradient - moments.first[index])
      moments.second[index] = 0.999 * moments.second[index] + 0.001 * gradient * gradient
      network.weights[index] -=
        rate * moments.first[index] / (moments.second[index].squareRoot() / correction + 1e-8)
    }
  }
}
