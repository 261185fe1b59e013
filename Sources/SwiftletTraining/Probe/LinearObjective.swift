import Glibc
import SwiftletRuntime
import SwiftletSystem

/// The loss of a linear model over all rows, with the gradient of its parameters.
///
/// value = (Σ weight · loss(W x + b, target) + ½ penalty ‖W‖²) / rows
///
/// A pass has two parts. The first computes the residuals of blocks of rows; the second sums residual
/// times feature over all rows, in their order, for blocks of the gradient. So the bits do not depend on
/// the number of threads.
final class LinearObjective: @unchecked Sendable {
  enum Loss {
    /// Cross-entropy of one sigmoid for each output; targets are 0 or 1.
    case logistic
    /// Cross-entropy of a softmax over the outputs; targets are 0, and 1 at the class of the row.
    case multinomial
    /// ½ (score - target)²
    case squared
  }

  let features: FeatureMatrix
  let outputCount: Int
  private let loss: Loss
  private let penalty: Double
  /// [rows, outputs]
  private let targets: [Double]
  /// [rows, outputs]; for `multinomial` each output of a row repeats its weight.
  private let weights: [Double]?
  private let pool: WorkerPool
  /// [padded rows, outputs]
  private let residuals: AlignedBuffer<Double>
  private let rowLosses: AlignedBuffer<Double>

  init(
    _ loss: Loss, _ features: FeatureMatrix, targets: [Double], outputCount: Int,
    weights: [Double]? = nil, penalty: Double, pool: WorkerPool
  ) throws(TrainingError) {
    requirePrecondition(
      targets.count == features.rowCount * outputCount
        && weights.map { $0.count == targets.count } ?? true,
      "\(targets.count) targets for \(features.rowCount) rows of \(outputCount) outputs")
    (self.loss, self.features, self.outputCount) = (loss, features, outputCount)
    (self.targets, self.weights, self.penalty, self.pool) = (targets, weights, penalty, pool)
    do throws(MemoryError) {
      residuals = try AlignedBuffer(
        count: features.paddedRowCount * outputCount, purpose: "residuals")
      rowLosses = try AlignedBuffer(count: features.rowCount, purpose: "losses")
    } catch {
      throw .memory(bytes: error.bytes, purpose: error.purpose)
    }
  }

  /// The parameters: outputs rows of `features.stride` weights, then the intercepts.
  var parameterCount: Int { outputCount * (features.stride + 1) }

  /// Rows of a block of residuals, and columns of a block of the gradient.
  private static let blockSize = 64
  /// Outputs of a block of the gradient.
  private static let outputBlock = 4

  func evaluate(_ parameters: [Double], _ gradient: inout [Double]) -> Double {
    let blocks = (features.paddedRowCount + Self.blockSize - 1) / Self.blockSize
    parameters.withUnsafeBufferPointer { parameters in
      let parameters = Borrowed(UnsafeMutableBufferPointer(mutating: parameters).baseAddress)
      pool.run(count: blocks) { block in
        guard let parameters = parameters.pointer else { return }
        self.computeResiduals(block, UnsafePointer(parameters))
      }
    }
    let columnBlocks = (features.stride + Self.blockSize - 1) / Self.blockSize
    let outputBlocks = (outputCount + Self.outputBlock - 1) / Self.outputBlock
    gradient.withUnsafeMutableBufferPointer { gradient in
      let gradient = Borrowed(gradient.baseAddress)
      pool.run(count: outputBlocks * columnBlocks) { block in
        guard let gradient = gradient.pointer else { return }
        self.sumGradient(
          outputs: block / columnBlocks, columns: block % columnBlocks, gradient)
      }
    }
    sumIntercepts(&gradient)
    return penalize(parameters, &gradient)
  }

  /// Adds the penalty, and divides all by the number of rows.
  private func penalize(_ parameters: [Double], _ gradient: inout [Double]) -> Double {
    var squares = 0.0
    let weightCount = outputCount * features.stride
    let scale = 1 / Double(features.rowCount)
    for index in 0..<weightCount {
      squares += parameters[index] * parameters[index]
      gradient[index] = (gradient[index] + penalty * parameters[index]) * scale
    }
    for index in weightCount..<parameterCount { gradient[index] *= scale }
    var sum = 0.0
    for row in 0..<features.rowCount { sum += rowLosses[row] }
    return (sum + 0.5 * penalty * squares) * scale
  }

  private func sumIntercepts(_ gradient: inout [Double]) {
    let start = outputCount * features.stride
    for output in 0..<outputCount {
      var sum = 0.0
      for row in 0..<features.rowCount { sum += residuals[row * outputCount + output] }
      gradient[start + output] = sum
    }
  }

  // MARK: Residuals

  private func computeResiduals(_ block: Int, _ parameters: UnsafePointer<Double>) {
    let first = block * Self.blockSize
    let end = min(first + Self.blockSize, features.paddedRowCount)
    LinearScores.write(
      features, rows: first..<end, parameters, outputCount: outputCount,
      to: residuals.pointer + first * outputCount)
    for row in first..<end {
      let scores = residuals.pointer + row * outputCount
      guard row < features.rowCount else {
        scores.update(repeating: 0, count: outputCount)
        continue
      }
      rowLosses[row] =
        loss == .multinomial ? softmaxResidual(row, scores) : residual(row, scores)
    }
  }

  /// Replaces scores by derivatives of the loss, output by output; returns the loss of the row.
  private func residual(_ row: Int, _ scores: UnsafeMutablePointer<Double>) -> Double {
    var sum = 0.0
    for output in 0..<outputCount {
      let index = row * outputCount + output
      let (score, target) = (scores[output], targets[index])
      let weight = weights?[index] ?? 1
      if loss == .squared {
        scores[output] = weight * (score - target)
        sum += weight * 0.5 * (score - target) * (score - target)
      } else {
        // log(1 + e^s) - t s, without overflow.
        let tail = exp(-abs(score))
        let sigmoid = score >= 0 ? 1 / (1 + tail) : tail / (1 + tail)
        scores[output] = weight * (sigmoid - target)
        sum += weight * (max(score, 0) + log1p(tail) - target * score)
      }
    }
    return sum
  }

  private func softmaxResidual(_ row: Int, _ scores: UnsafeMutablePointer<Double>) -> Double {
    var largest = scores[0]
    for output in 1..<max(outputCount, 1) { largest = max(largest, scores[output]) }
    var (total, targetScore) = (0.0, 0.0)
    for output in 0..<outputCount {
      let shifted = scores[output] - largest
      targetScore += targets[row * outputCount + output] * shifted
      scores[output] = exp(shifted)
      total += scores[output]
    }
    let weight = weights?[row * outputCount] ?? 1
    for output in 0..<outputCount {
      scores[output] =
        weight * (scores[output] / total - targets[row * outputCount + output])
    }
    return weight * (log(total) - targetScore)
  }

  // MARK: Gradient

  /// gradient[output, column] = Σ_row residual[row, output] · feature[row, column] for one block.
  private func sumGradient(
    outputs outputBlock: Int, columns columnBlock: Int, _ gradient: UnsafeMutablePointer<Double>
  ) {
    let outputs = outputBlock * Self.outputBlock
    let outputEnd = min(outputs + Self.outputBlock, outputCount)
    let columns = columnBlock * Self.blockSize
    let columnEnd = min(columns + Self.blockSize, features.stride)
    for output in outputs..<outputEnd {
      (gradient + output * features.stride + columns).update(
        repeating: 0, count: columnEnd - columns)
    }
    for row in stride(from: 0, to: features.paddedRowCount, by: FeatureMatrix.rowGroup) {
      let residual = residuals.pointer + row * outputCount
      for column in stride(from: columns, to: columnEnd, by: FeatureMatrix.columnGroup) {
        let x0 = LinearScores.load(features.pointer(row) + column)
        let x1 = LinearScores.load(features.pointer(row + 1) + column)
        let x2 = LinearScores.load(features.pointer(row + 2) + column)
        let x3 = LinearScores.load(features.pointer(row + 3) + column)
        for output in outputs..<outputEnd {
          let target = UnsafeMutableRawPointer(gradient + output * features.stride + column)
          var sum = target.loadUnaligned(as: SIMD8<Double>.self)
          sum += x0 * residual[output]
          sum += x1 * residual[outputCount + output]
          sum += x2 * residual[2 * outputCount + output]
          sum += x3 * residual[3 * outputCount + output]
          target.storeBytes(of: sum, as: SIMD8<Double>.self)
        }
      }
    }
  }

  /// A pointer that is valid during one call of `WorkerPool.run`.
  private struct Borrowed: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Double>?
    init(_ pointer: UnsafeMutablePointer<Double>?) { self.pointer = pointer }
  }
}
