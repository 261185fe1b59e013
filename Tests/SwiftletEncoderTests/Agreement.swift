import SwiftletRuntime
import Testing

@testable import SwiftletEncoder

/// How sequences are split into batches; the results are in the order of the sequences.
enum Composition: CaseIterable {
  case together, reversed, inThrees

  func map(
    _ sequences: [TokenSequence], _ run: ([TokenSequence]) -> [[Float]]
  ) -> [[Float]] {
    switch self {
    case .together: return run(sequences)
    case .reversed: return run(sequences.reversed()).reversed()
    case .inThrees:
      return stride(from: 0, to: sequences.count, by: 3).flatMap {
        run(Array(sequences[$0..<min($0 + 3, sequences.count)]))
      }
    }
  }
}

extension KernelChoice {
  /// Whether two results of the same kernels for the same sequences are as equal as they must be: the
  /// native kernels have the same bits in any batch, and CBLAS promises no order of
  /// sums, which in int8 only the head has.
  func areEqual(_ left: [[Float]], _ right: [[Float]]) -> Bool {
    if backend == .native {
      return left.map { $0.map(\.bitPattern) } == right.map { $0.map(\.bitPattern) }
    }
    return left.count == right.count
      && zip(left, right).allSatisfy { greatestDifference($0, $1) <= 1e-5 }
  }
}

extension GoldenCheckpoint {
  /// Weights and activations have 7 bits and a sign, each product thus an error of some 1 %, which
  /// these narrow models, of 10 to 48 columns, average out less than real ones: all of them together
  /// are off by 1.4 % in the median, and by 4.5 % at most.
  static let int8Tolerance = 0.05

  /// Operands have 8 significant bits, so that each is off by 2^-9 at most.
  static let bfloat16Tolerance = 0.02

  /// The embeddings of one model lie around 100, which no trained model's do: in bytes their differences
  /// keep two digits, which changes its answers by 15 %.
  private var int8Bound: Double { name == "layernorm-offset" ? 0.2 : Self.int8Tolerance }

  /// Compares results with transformers': each by itself in float32, and all together in others.
  func check(
    _ found: [[Float]], _ expected: [[Float]], _ choice: KernelChoice, _ comment: Comment
  ) {
    #expect(found.count == expected.count, comment)
    switch choice.precision {
    case .float32:
      for (found, expected) in zip(found, expected) {
        #expect(greatestDifference(found, expected) <= tolerance, comment)
      }
    case .bfloat16:
      #expect(relativeError(found, expected) <= Self.bfloat16Tolerance, comment)
    case .int8:
      #expect(relativeError(found, expected) <= int8Bound, comment)
    }
  }
}

/// ‖found - expected‖ / ‖expected‖
func relativeError(_ found: [[Float]], _ expected: [[Float]]) -> Double {
  var (error, size) = (0.0, 0.0)
  for (found, expected) in zip(found, expected) {
    guard found.count == expected.count else { return .infinity }
    for (found, expected) in zip(found, expected) {
      error += Double(found - expected) * Double(found - expected)
      size += Double(expected) * Double(expected)
    }
  }
  // NaN must not pass as a small difference.
  return error.isFinite ? (error / size).squareRoot() : .infinity
}
