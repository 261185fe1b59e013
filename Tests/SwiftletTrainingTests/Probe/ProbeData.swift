import Foundation
import SwiftletRuntime

@testable import SwiftletTraining

/// Park and Miller's generator, as `Fixtures/training/probe/make.py` has it: float32 numbers between -1 and 1.
struct ProbeNumbers {
  private var state: Int

  init(seed: Int) { state = seed }

  mutating func next() -> Float {
    state = state * 48271 % 2_147_483_647
    return Float(Double(state) / 2_147_483_647 * 2 - 1)
  }
}

/// A generated data set: features, and scores of linear functions with noise.
struct ProbeData {
  let features: FeatureMatrix
  let outputCount: Int
  /// [rows, outputs]
  private(set) var scores: [Double] = []

  init(seed: Int, rows: Int, columns: Int, outputs: Int) throws {
    outputCount = outputs
    var numbers = ProbeNumbers(seed: seed)
    let values = (0..<rows * columns).map { _ in numbers.next() }
    features = try FeatureMatrix(columnCount: columns, values: values)
    for row in 0..<rows {
      for output in 0..<outputs {
        var total = 0.0
        for column in 0..<8 {
          let factor = Double((column * (output + 3)) % 5 - 2) / 2
          total += Double(values[row * columns + column]) * factor
        }
        scores.append(total + Double(numbers.next()) * 0.8 + (output == 0 ? 0.3 : 0))
      }
    }
  }

  func row(_ row: Int) -> ArraySlice<Double> {
    scores[row * outputCount..<(row + 1) * outputCount]
  }

  /// The output with the largest score of each row.
  var classes: [Int] {
    (0..<features.rowCount).map { row in
      let scores = row * outputCount
      return (0..<outputCount).max { self.scores[scores + $0] < self.scores[scores + $1] } ?? 0
    }
  }
}

/// What `make.py` wrote.
struct ProbeGolden: Decodable {
  struct Model: Decodable {
    let weights: [Double]
    let intercepts: [Double]
    let probabilities: [Double]
  }

  let models: [String: Model]
  let temperatures: [String: Double]

  static func read() throws -> ProbeGolden {
    let file = TrainingFixtures.path("training/probe/golden.json")
    return try JSONDecoder().decode(ProbeGolden.self, from: Data(contentsOf: URL(filePath: file)))
  }
}

/// The largest difference of two arrays; infinite if their counts differ.
func largestDifference(_ left: [Double], _ right: [Double]) -> Double {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
