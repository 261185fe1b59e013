import Foundation
import SwiftletRuntime

/// Which of the products of checkpoints, kernels and thread counts the golden tests run.
enum GoldenCases {
  /// `scripts/test --all` sets this: every checkpoint with every choice and every thread count.
  static let areAll = ProcessInfo.processInfo.environment["SWIFTLET_TESTS"] == "all"

  /// Every checkpoint with every choice, or one choice of each precision for each checkpoint, taken in
  /// turn, so that every choice has checkpoints.
  static func pairs(
    _ checkpoints: [GoldenCheckpoint]
  ) -> [(golden: GoldenCheckpoint, choice: KernelChoice)] {
    checkpoints.enumerated().flatMap { index, golden in
      let choices = KernelChoice.inEveryPrecision
      let chosen =
        areAll
        ? choices
        : Precision.allCases.compactMap { precision in
          let all = choices.filter { $0.precision == precision }
          return all.isEmpty ? nil : all[index % all.count]
        }
      return chosen.map { (golden, $0) }
    }
  }

  /// Every thread count, or one thread and the count that the place in `all` decides.
  static func threadCounts(
    for golden: GoldenCheckpoint, _ choice: KernelChoice
  ) -> [Int] {
    let counts = ModelPasses.threadCounts
    guard !areAll else { return counts }
    let index = GoldenCheckpoint.all.firstIndex { $0.name == golden.name } ?? 0
    // A choice's checkpoints are as many places from each other as there are choices.
    return [counts[0], counts[1 + index / KernelChoice.all.count % (counts.count - 1)]]
  }
}
