import SwiftletKernelCore
import SwiftletSystem

/// The epilogues of a product, and the place of the residual.
enum EpilogueCase: String, CaseIterable, Sendable {
  case bias, gelu, residualSeparate, residualInPlace
}

/// The inputs of a linear layer with their exact sums.
final class ProductCase: @unchecked Sendable {
  let x: GuardedMatrix
  let w: GuardedMatrix
  /// [1, N]
  let bias: GuardedMatrix
  let residual: GuardedMatrix
  /// x wᵀ
  let sums: [[Reference.Sum]]

  var depth: Int { x.view.columns }
  var outputs: Int { w.view.rows }

  init(rows: Int, depth: Int, outputs: Int) throws {
    var random = SplitMix64(seed: UInt64(1000 * depth + outputs))
    x = try GuardedMatrix(rows: rows, columns: depth, scale: 2, using: &random)
    w = try GuardedMatrix(rows: outputs, columns: depth, using: &random)
    bias = try GuardedMatrix(rows: 1, columns: outputs, using: &random)
    residual = try GuardedMatrix(rows: rows, columns: outputs, scale: 3, using: &random)
    sums = Reference.product(x.view, transposing: w.view)
  }

  /// Odd sizes on both sides of every tile and panel width.
  static let all = Result {
    try [1, 3, 17, 64, 385].flatMap { depth in
      try [1, 7, 8, 31, 32, 33, 65, 100].map { outputs in
        try ProductCase(rows: 25, depth: depth, outputs: outputs)
      }
    }
  }

  /// The weights as a table's products read them, with a padded bias.
  func packed(for table: KernelTable) throws -> PackedLayer {
    try PackedLayer(w.view, bias: bias.view.pointer, panelWidth: table.products.panelWidth)
  }

  /// Compares the results for the last rows of `x`.
  func check(
    _ out: Matrix<Float>, _ epilogue: EpilogueCase, _ worst: inout WorstError, _ place: String
  ) {
    let first = x.view.rows - out.rows
    for row in 0..<out.rows {
      for column in 0..<out.columns {
        let (value, tolerance) = expected(first + row, column, epilogue)
        worst.add(
          out.row(row)[column], expected: value, tolerance: tolerance,
          at: "[\(row), \(column)] of \(place)")
      }
    }
  }

  private func expected(
    _ row: Int, _ column: Int, _ epilogue: EpilogueCase
  ) -> (value: Double, tolerance: Double) {
    var sum = sums[row][column].adding(bias.view.pointer[column])
    if epilogue == .residualSeparate || epilogue == .residualInPlace {
      sum = sum.adding(residual.view.row(row)[column])
    }
    let tolerance = Tolerance.sum(depth: depth, magnitude: sum.magnitude)
    guard epilogue == .gelu else { return (sum.value, tolerance) }
    return (
      Reference.activation(.gelu, sum.value), Tolerance.gelu(sum.value, argument: tolerance)
    )
  }

  /// Memory for the last `rows` rows of the result; holds the residual if it is in place.
  func output(rows: Int, _ epilogue: EpilogueCase) throws -> GuardedMatrix {
    guard epilogue == .residualInPlace else {
      return try GuardedMatrix(rows: rows, columns: outputs)
    }
    return try GuardedMatrix(copying: residual.lastRows(rows))
  }
}

/// Packed weights and a padded bias between guards.
final class PackedLayer {
  let matrix: PackedMatrix
  let bias: UnsafePointer<Float>
  private let owners: [GuardedMatrix]

  init(_ w: Matrix<Float>, bias: UnsafePointer<Float>, panelWidth: Int) throws {
    let count = PackedMatrix.wordCount(
      steps: w.columns, columns: w.rows, panelWidth: panelWidth)
    let storage = try GuardedMatrix(rows: 1, columns: count) { _, _ in 0 }
    for first in stride(from: 0, to: w.rows, by: panelWidth) {
      let rows = (first..<min(first + panelWidth, w.rows)).map { UnsafeRawPointer(w.row($0)) }
      rows.withUnsafeBufferPointer {
        Packing.float32(
          $0, depth: w.columns, into: storage.view.pointer + first * w.columns, width: panelWidth)
      }
    }
    let padded = (w.rows + panelWidth - 1) / panelWidth * panelWidth
    let biasStorage = try GuardedMatrix(rows: 1, columns: padded) { _, column in
      column < w.rows ? bias[column] : 0
    }
    matrix = PackedMatrix(
      pointer: storage.view.pointer, steps: w.columns, columns: w.rows, panelWidth: panelWidth)
    self.bias = UnsafePointer(biasStorage.view.pointer)
    owners = [storage, biasStorage]
  }
}

extension KernelTable {
  /// out = epilogue(x w + bias) for some of the panels.
  func multiply(
    _ x: Matrix<Float>, _ layer: PackedLayer, _ epilogue: EpilogueCase, residual: Matrix<Float>,
    panels: Range<Int>? = nil, into out: Matrix<Float>
  ) {
    let panels = panels ?? 0..<layer.matrix.panelCount
    withExtendedLifetime(layer) {
      let linear: LinearEpilogue =
        switch epilogue {
        case .bias: .bias
        case .gelu: .biasGELU
        case .residualSeparate: .biasResidual(residual)
        case .residualInPlace: .biasResidual(out)
        }
      products.multiply(x, layer.matrix, layer.bias, linear, panels, out)
    }
  }
}
