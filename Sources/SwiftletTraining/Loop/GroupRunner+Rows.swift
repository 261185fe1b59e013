import SwiftletKernelCore

extension GroupRunner {
  /// Computes the output rows of examples with one sequence and one row each, without dropout. Calls `body`
  /// with each place in `examples` and its row, in order.
  ///
  /// - Throws: As ``evaluate(_:batchSize:)``.
  func forEachRow(
    of examples: [Int], _ objective: Objective, batchSize: Int,
    _ body: (_ place: Int, _ row: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    var place = 0
    for first in stride(from: 0, to: examples.count, by: batchSize) {
      let part = Array(examples[first..<min(first + batchSize, examples.count)])
      let group = ExampleGroup(examples: part, epoch: 0, step: 0, isTraining: false)
      try forEachPass(of: group, objective, ranges: cut(group, objective)) { _, rows in
        for row in 0..<rows.rows {
          try body(place, UnsafeBufferPointer(start: rows.row(row), count: rows.columns))
          place += 1
        }
      }
    }
  }
}
