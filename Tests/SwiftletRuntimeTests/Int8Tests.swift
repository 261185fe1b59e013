import SwiftletKernelCore
import SwiftletSystem
import Testing

@testable import SwiftletRuntime

/// Float rows and int8 weights of a seed, with the results of plain loops.
private final class Int8Case {
  let rows: Int
  let depth: Int
  let outputs: Int
  let x: AlignedBuffer<Float>
  let w: AlignedBuffer<Float>
  let bias: AlignedBuffer<Float>

  init(rows: Int, depth: Int, outputs: Int, extreme: Bool) throws {
    (self.rows, self.depth, self.outputs) = (rows, depth, outputs)
    var random = SplitMix64(seed: UInt64(rows * 1_000_003 + depth * 1009 + outputs))
    x = try AlignedBuffer(count: rows * depth)
    w = try AlignedBuffer(count: outputs * depth)
    bias = try AlignedBuffer(count: outputs)
    // Extreme: every activation 255 and every weight 127 or -127, where sums of 16 bits saturate.
    for index in 0..<x.count { x[index] = extreme ? 3 : random.unit() }
    for index in 0..<w.count {
      w[index] = extreme ? (index / depth % 2 == 0 ? 2 : -2) : random.unit()
    }
    for index in 0..<outputs { bias[index] = random.unit() }
  }

  /// The results of a table: [rows, outputs].
  func product(_ table: KernelTable) throws -> [Float] {
    let kernels = try Kernels(
      instructionSet: table.name, backend: .native, precision: .int8)
    let storage = WeightStorage()
    let padded = try storage.allocate(WeightStorage.padded(outputs))
    padded.update(from: bias.pointer, count: outputs)
    let source = MatrixSource(
      Matrix(w.pointer, rows: outputs, columns: depth), isInPlace: true)
    let linear = try storage.linear([source], bias: padded, for: kernels)
    try storage.fill(on: WorkerPool(threadCount: 1))
    let out = try AlignedBuffer<Float>(count: rows * outputs)
    let rowBytes = ActivationScratch.stride(columns: depth * table.products.bytesPerActivation)
    let bytes = try AlignedBuffer<UInt8>(count: rows * rowBytes)
    let scales = try AlignedBuffer<RowScale>(uninitialized: rows)
    let panel = try AlignedBuffer<Float>(count: 0)
    var worker = Worker.alone()
    linear.apply(
      to: Matrix(x.pointer, rows: rows, columns: depth),
      into: Matrix(out.pointer, rows: rows, columns: outputs), kernels,
      ActivationScratch(bytes: bytes.pointer, scales: scales.pointer, panel: panel.pointer),
      &worker)
    return withExtendedLifetime(storage) { (0..<out.count).map { out[$0] } }
  }

  /// The results of plain loops, in exact integers.
  func reference() -> [Float] {
    (0..<rows).flatMap { row in
      let (left, leftScale) = Self.quantized(x.pointer + row * depth, depth)
      return (0..<outputs).map { column in
        let (right, rightScale) = Self.quantized(w.pointer + column * depth, depth)
        let sum = zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
        return Float(sum) * leftScale * rightScale + bias[column]
      }
    }
  }

  private static func quantized(
    _ values: UnsafePointer<Float>, _ count: Int
  ) -> (values: [Int], scale: Float) {
    let row = (0..<count).map { values[$0] }
    let largest = row.map(\.magnitude).max() ?? 0
    guard largest > 0 else { return (row.map { _ in 0 }, 0) }
    let factor = 127 / largest
    return (row.map { Int(($0 * factor).rounded(.toNearestOrEven)) }, largest / 127)
  }
}

@Suite struct Int8Tests {
  @Test(arguments: Kernels.available, [false, true])
  func `int8 products are exact sums, bit for bit the same on every instruction set`(
    table: KernelTable, extreme: Bool
  ) throws {
    for (rows, depth, outputs) in [
      (1, 1, 1), (2, 3, 7), (3, 4, 33), (5, 17, 31), (7, 64, 65), (12, 100, 32), (13, 385, 100),
      (25, 3072, 40),
    ] {
      let numbers = try Int8Case(rows: rows, depth: depth, outputs: outputs, extreme: extreme)
      #expect(
        try numbers.product(table) == numbers.reference(), "\(rows) x \(depth) x \(outputs)")
    }
  }

  @Test(arguments: Kernels.available)
  func `a row is quantised to -127...127, whatever its length`(table: KernelTable) throws {
    for count in [1, 2, 15, 16, 17, 33, 64, 100] {
      let x = try AlignedBuffer<Float>(count: count)
      let scales = try AlignedBuffer<RowScale>(uninitialized: 1)
      for index in 0..<count { x[index] = Float(index - count / 2) / 7 }
      // Where a step holds two forms of its four bytes, vectors of eight are written whole.
      let end = table.products.bytesPerActivation == 1 ? count : (count + 7) / 8 * 16
      let bytes = try AlignedBuffer<UInt8>(count: end + 1)
      bytes[end] = 77
      table.products.quantize(
        Matrix(x.pointer, rows: 1, columns: count), Matrix(bytes.pointer, rows: 1, columns: count),
        scales.pointer)
      let largest = (0..<count).map { x[$0].magnitude }.max() ?? 0
      #expect(scales[0].scale == largest / 127)
      var negatives: Float = 0
      for index in 0..<count {
        let factor = largest > 0 ? 127 / largest : 0
        let expected = (x[index] * factor).rounded(.toNearestOrEven)
        negatives += min(expected, 0)
        if table.products.bytesPerActivation == 1 {
          #expect(Float(bytes[index]) == expected + 128)
        } else {
          let place = index / 4 * 8 + index % 4
          #expect(bytes[place] == (expected < 0 ? 0xFF : 0))
          #expect(Float(bytes[place + 4]) == expected.magnitude)
        }
      }
      #expect(scales[0].start == (table.products.bytesPerActivation == 1 ? 0 : Int32(-negatives)))
      #expect(bytes[end] == 77, "nothing is written behind the row")
    }
  }

  @Test(arguments: Kernels.available)
  func `rows of zeros, infinities and NaN trap nothing`(table: KernelTable) throws {
    let x = try AlignedBuffer<Float>(count: 3 * 40)
    for index in 0..<40 { x[40 + index] = index == 3 ? .infinity : 1 }
    for index in 0..<40 { x[80 + index] = index == 5 ? .nan : 1 }
    let bytes = try AlignedBuffer<UInt8>(count: 3 * 128)
    let scales = try AlignedBuffer<RowScale>(uninitialized: 3)
    table.products.quantize(
      Matrix(x.pointer, rows: 3, columns: 40),
      Matrix(bytes.pointer, rows: 3, columns: 40 * table.products.bytesPerActivation, stride: 128),
      scales.pointer)
    #expect(scales[0].scale == 0 && scales[0].start == 0)
    let zero: UInt8 = table.products.bytesPerActivation == 1 ? 128 : 0
    #expect((0..<40 * table.products.bytesPerActivation).allSatisfy { bytes[$0] == zero })
    #expect(scales[1].scale.isNaN && scales[2].scale.isNaN)
  }

  @Test(arguments: Kernels.available)
  func `a row of the smallest numbers is zero`(table: KernelTable) throws {
    let x = try AlignedBuffer<Float>(count: 40)
    for index in 0..<40 { x[index] = Float(index - 20) * 0x1p-130 }
    let bytes = try AlignedBuffer<UInt8>(count: 128)
    let scales = try AlignedBuffer<RowScale>(uninitialized: 1)
    table.products.quantize(
      Matrix(x.pointer, rows: 1, columns: 40),
      Matrix(bytes.pointer, rows: 1, columns: 40 * table.products.bytesPerActivation),
      scales.pointer)
    #expect(scales[0].scale == 0)
    for index in 0..<40 {
      let byte = bytes[
        table.products.bytesPerActivation == 1 ? index : index / 4 * 8 + 4 + index % 4]
      #expect(byte == (table.products.bytesPerActivation == 1 ? 128 : 0))
    }
  }
}
