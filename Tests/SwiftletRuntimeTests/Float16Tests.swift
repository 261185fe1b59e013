import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct Float16Tests {
  @Test(arguments: LinearPath.paths(.native), EpilogueCase.allCases)
  func `float16 weights give the bits of the same weights as float32`(
    path: LinearPath, epilogue: EpilogueCase
  ) throws {
    let kernels = try path.kernels()
    for (depth, outputs) in [(1, 1), (4, 32), (17, 100), (70, 65), (1600, 40)] {
      let source = try ProductCase(rows: 40, depth: depth, outputs: outputs)
      let weights = try Float16Source(rows: outputs, columns: depth)
      let narrow = try StoredLayer(source, weights: weights, for: kernels)
      let wide = try StoredLayer(source, weights: MatrixSource(weights.widened), for: kernels)
      for rows in [1, 3, 12, 13, 25, 40] {
        let (found, expected) = try (
          source.output(rows: rows, epilogue), source.output(rows: rows, epilogue)
        )
        try narrow.apply(rows: rows, epilogue, into: found.view)
        try wide.apply(rows: rows, epilogue, into: expected.view)
        #expect(found.bits == expected.bits, "\(rows) x \(depth) x \(outputs)")
        #expect(found.isIntactOutside)
      }
    }
  }

  @Test(arguments: LinearPath.paths(.native))
  func `float16 weights stay float16 if the instruction set widens them`(path: LinearPath) throws {
    let kernels = try path.kernels()
    let source = try ProductCase(rows: 1, depth: 8, outputs: 8)
    let layer = try StoredLayer(source, weights: Float16Source(rows: 8, columns: 8), for: kernels)
    let isKept = layer.linear.packedWeights?.wordBytes == 2
    #expect(isKept == (path.instructionSet != "baseline"))
  }
}

/// Weights of every kind that float16 has, including subnormal numbers and both zeros.
private final class Float16Source: WeightSource, @unchecked Sendable {
  let rows: Int
  let columns: Int
  let widened: Matrix<Float>
  private let bits: AlignedBuffer<UInt16>
  private let numbers: AlignedBuffer<Float>

  init(rows: Int, columns: Int) throws {
    self.rows = rows
    self.columns = columns
    bits = try AlignedBuffer(count: rows * columns)
    numbers = try AlignedBuffer(count: rows * columns)
    var random = SplitMix64(seed: UInt64(rows * 31 + columns))
    for index in 0..<rows * columns {
      let half = Float16(random.unit()) * (index % 5 == 0 ? 1e-5 : 1)
      bits[index] = half.bitPattern
      numbers[index] = Float(half)
    }
    widened = Matrix(numbers.pointer, rows: rows, columns: columns)
  }

  var float32: UnsafeRawPointer? { nil }
  var float16: UnsafeRawPointer? { UnsafeRawPointer(bits.pointer) }

  func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    target.update(from: widened.row(rows.lowerBound), count: rows.count * columns)
  }

  func release(_ rows: Range<Int>) {}
}
