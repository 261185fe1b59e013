import SwiftletKernelCore
import SwiftletSystem
import Testing

@testable import SwiftletRuntime

@Suite(.enabled(if: !bfloat16Tables.isEmpty, "no AVX512_BF16: no kernel of bfloat16 runs"))
struct BFloat16Tests {
  @Test(arguments: bfloat16Tables, EpilogueCase.allCases)
  func `products have the bits of the instruction's rules and write nothing else`(
    table: KernelTable, epilogue: EpilogueCase
  ) throws {
    let kernels = try Kernels(instructionSet: table.name, backend: .native, precision: .bfloat16)
    for source in try ProductCase.all.get() + [ProductCase(rows: 25, depth: 1601, outputs: 40)] {
      let layer = try StoredLayer(source, for: kernels)
      let expected = try expected(source, table, epilogue)
      for rows in [1, 2, 5, 11, 12, 13, 25] {
        let out = try source.output(rows: rows, epilogue)
        try layer.apply(rows: rows, epilogue, into: out.view)
        let place = "\(rows) x \(source.depth) x \(source.outputs)"
        #expect(out.bits == Array(expected.suffix(rows)), "\(place)")
        #expect(out.isIntactOutside, "\(place)")
      }
    }
  }

  /// The sums of plain loops, completed by the table's epilogue.
  private func expected(
    _ source: ProductCase, _ table: KernelTable, _ epilogue: EpilogueCase
  ) throws -> [[UInt32]] {
    let (x, w) = (source.x.view.rounded, source.w.view.rounded)
    let out = try GuardedMatrix(rows: x.count, columns: w.count) { row, column in
      BFloat16Reference.sum(x[row], w[column])
    }
    let how: LinearEpilogue =
      switch epilogue {
      case .bias: .bias
      case .gelu: .biasGELU
      case .residualSeparate, .residualInPlace: .biasResidual(source.residual.view)
      }
    table.products.applyEpilogue(out.view, source.bias.view.pointer, how)
    return out.bits
  }

  @Test(arguments: bfloat16Tables)
  func `huge, tiny and subnormal numbers follow the instruction's rules`(
    table: KernelTable
  ) throws {
    let kernels = try Kernels(instructionSet: table.name, backend: .native, precision: .bfloat16)
    var random = SplitMix64(seed: 9)
    for exponents in [-140 ... -100, -80 ... -50, -66 ... -60, 50...70, 100...127] {
      let source = try ProductCase(rows: 3, depth: 37, outputs: 33)
      for matrix in [source.x.view, source.w.view] {
        for row in 0..<matrix.rows {
          for column in 0..<matrix.columns {
            matrix.row(row)[column] = Float(
              sign: random.next() % 2 == 0 ? .plus : .minus,
              exponent: Int.random(in: exponents, using: &random),
              significand: 1 + abs(random.unit()) / 2)
          }
        }
      }
      let layer = try StoredLayer(source, for: kernels)
      let out = try source.output(rows: 3, .bias)
      try layer.apply(rows: 3, .bias, into: out.view)
      let expected = try expected(source, table, .bias)
      for (found, expected) in zip(out.bits.joined(), expected.joined()) {
        let (found, expected) = (Float(bitPattern: found), Float(bitPattern: expected))
        #expect(found.bitPattern == expected.bitPattern || found.isNaN && expected.isNaN)
      }
    }
  }

  @Test(arguments: bfloat16Tables)
  func `rows are rounded to the nearest, halves to even`(table: KernelTable) throws {
    let kernels = try #require(table.bfloat16)
    let special: [Float] = [
      0, -0.0, 1, -1, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .leastNormalMagnitude, .leastNormalMagnitude.nextDown, .greatestFiniteMagnitude,
      Float(bitPattern: 0x3F80_8000), Float(bitPattern: 0x3F81_8000),
      Float(bitPattern: 0x3F80_7FFF), Float(bitPattern: 0x3F80_8001), .nan,
      Float(bitPattern: 0x7F80_0001), Float(bitPattern: 0xFF81_2345),
    ]
    var random = SplitMix64(seed: 3)
    for columns in [1, 2, 15, 16, 17, 31, 32, 33, 100, 769] {
      let x = try GuardedMatrix(rows: 5, columns: columns) { row, column in
        row == 0 && column < special.count
          ? special[column] : Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      }
      let stride = ActivationScratch.bfloat16Stride(columns: columns)
      let out = try AlignedBuffer<UInt16>(count: 5 * stride)
      for index in 0..<out.count { out[index] = 0xABCD }
      kernels.round(
        x.view, Matrix(out.pointer, rows: 5, columns: columns, stride: stride))
      let whole = (columns + 15) / 16 * 16
      for row in 0..<5 {
        let found = (0..<stride).map { out[row * stride + $0] }
        #expect(Array(found[..<columns]) == x.view.rounded[row])
        #expect(found[columns..<whole].allSatisfy { $0 == 0 }, "zeros up to a whole vector")
        #expect(found[whole...].allSatisfy { $0 == 0xABCD }, "nothing behind it")
      }
    }
  }

  @Test(arguments: bfloat16Tables)
  func `a stored bfloat16 layer is packed as it is, and a float layer rounded to the same`(
    table: KernelTable
  ) throws {
    let kernels = try Kernels(instructionSet: table.name, backend: .native, precision: .bfloat16)
    for (depth, outputs) in [(1, 1), (2, 32), (7, 33), (64, 100), (385, 40)] {
      let stored = try BFloat16Source(rows: outputs, columns: depth)
      let source = try ProductCase(rows: 1, depth: depth, outputs: outputs)
      let narrow = try StoredLayer(source, weights: stored, for: kernels)
      let (wide, inPlace) = try (
        StoredLayer(source, weights: MatrixSource(stored.widened, isInPlace: false), for: kernels),
        StoredLayer(source, weights: MatrixSource(stored.widened, isInPlace: true), for: kernels)
      )
      let words = try #require(narrow.words)
      #expect(words == wide.words && words == inPlace.words)
      for row in 0..<outputs {
        for k in 0..<depth {
          let panel = row / 32 * 64 * ((depth + 1) / 2)
          let index = panel + k / 2 * 64 + row % 32 * 2 + k % 2
          #expect(words[index] == stored.bits[row * depth + k])
        }
      }
    }
  }

  @Test(arguments: bfloat16Tables)
  func `layers of other precisions are not rounded`(table: KernelTable) throws {
    let source = try ProductCase(rows: 1, depth: 8, outputs: 8)
    for precision in [Precision.float32, .int8] {
      let kernels = try Kernels(
        instructionSet: table.name, backend: .native, precision: precision)
      let layer = try StoredLayer(
        source, weights: BFloat16Source(rows: 8, columns: 8), for: kernels)
      #expect(layer.linear.bfloat16Weights == nil)
    }
  }
}

/// The tables with products of bfloat16.
let bfloat16Tables = Kernels.available.filter { $0.bfloat16 != nil }

/// Weights that are stored as bfloat16.
private final class BFloat16Source: WeightSource, @unchecked Sendable {
  let rows: Int
  let columns: Int
  let bits: AlignedBuffer<UInt16>
  let widened: Matrix<Float>
  private let numbers: AlignedBuffer<Float>

  init(rows: Int, columns: Int) throws {
    self.rows = rows
    self.columns = columns
    bits = try AlignedBuffer(count: rows * columns)
    numbers = try AlignedBuffer(count: rows * columns)
    var random = SplitMix64(seed: UInt64(rows * 31 + columns))
    for index in 0..<rows * columns {
      bits[index] = BFloat16Reference.rounded(random.unit())
      numbers[index] = BFloat16Reference.widened(bits[index])
    }
    widened = Matrix(numbers.pointer, rows: rows, columns: columns)
  }

  var float32: UnsafeRawPointer? { nil }
  var bfloat16: UnsafeRawPointer? { UnsafeRawPointer(bits.pointer) }

  func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    target.update(from: widened.row(rows.lowerBound), count: rows.count * columns)
  }

  func release(_ rows: Range<Int>) {}
}

extension StoredLayer {
  /// The packed bfloat16 weights.
  fileprivate var words: [UInt16]? {
    guard let packed = linear.bfloat16Weights else { return nil }
    return withExtendedLifetime(self) {
      let words = UnsafeRawBufferPointer(
        start: packed.pointer, count: packed.panelCount * packed.panelBytes)
      return Array(words.assumingMemoryBound(to: UInt16.self))
    }
  }
}

extension Matrix<Float> {
  /// The elements rounded to bfloat16.
  var rounded: [[UInt16]] {
    (0..<rows).map { row in (0..<columns).map { BFloat16Reference.rounded(self.row(row)[$0]) } }
  }
}
