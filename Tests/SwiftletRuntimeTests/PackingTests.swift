import SwiftletKernelCore
import SwiftletSystem
import Testing

@testable import SwiftletRuntime

/// Layers laid out by ``WeightStorage``, against the definition of each layout by plain loops.
@Suite struct PackingTests {
  /// Below, at and above every panel, block and cache line; many panels, and several shares.
  static let sizes = [
    (1, 1), (3, 2), (4, 4), (5, 7), (15, 31), (16, 32), (17, 33), (33, 100), (64, 96), (100, 65),
    (385, 40), (1027, 2050),
  ]

  @Test(arguments: Kernels.available, [true, false])
  func `packed floats are the definition's, from memory and through a buffer`(
    table: KernelTable, isInPlace: Bool
  ) throws {
    let kernels = try Kernels(instructionSet: table.name, backend: .native)
    for (inputs, outputs) in Self.sizes {
      let weights = try Weights(rows: outputs, columns: inputs)
      for threads in [1, 3] {
        let layer = try PackedSources([weights.source(isInPlace)], kernels, threads: threads)
        let packed = try #require(layer.target as? UnsafeMutablePointer<Float>)
        let width = table.products.panelWidth
        var isEqual = true
        for column in 0..<(outputs + width - 1) / width * width {
          let (panel, lane) = column.quotientAndRemainder(dividingBy: width)
          for k in 0..<inputs {
            let expected = column < outputs ? weights.view.row(column)[k].bitPattern : 0
            let found = packed[(panel * inputs + k) * width + lane].bitPattern
            if found != expected { isEqual = false }
          }
        }
        #expect(isEqual, "\(inputs) x \(outputs)")
      }
    }
  }

  @Test(arguments: [true, false])
  func `int8 weights are the definition's, the same bytes for every instruction set`(
    isInPlace: Bool
  ) throws {
    for (inputs, outputs) in Self.sizes {
      let weights = try Weights(rows: outputs, columns: inputs)
      let expected = QuantizedReference(weights.view)
      for table in Kernels.available {
        let kernels = try Kernels(
          instructionSet: table.name, backend: .native, precision: .int8)
        for threads in [1, 3] {
          let layer = try PackedSources([weights.source(isInPlace)], kernels, threads: threads)
          #expect(try layer.quantized() == expected, "\(inputs) x \(outputs), \(table.name)")
        }
      }
    }
  }

  @Test func `rows of zeros, NaN and infinities are quantised as the definition says`() throws {
    let weights = try Weights(rows: 9, columns: 21)
    for k in 0..<21 { weights.view.row(1)[k] = k % 2 == 0 ? 0 : -0.0 }
    weights.view.row(2)[20] = .infinity
    weights.view.row(3)[4] = -.infinity
    for k in 0..<21 { weights.view.row(4)[k] = .nan }
    weights.view.row(5)[0] = Float(bitPattern: 0x7FC0_00A5)
    for k in 0..<21 { weights.view.row(6)[k] = .leastNonzeroMagnitude }
    weights.view.row(7)[3] = .greatestFiniteMagnitude
    let kernels = try Kernels(instructionSet: "baseline", backend: .native, precision: .int8)
    let found = try PackedSources([weights.source(true)], kernels, threads: 1).quantized()
    #expect(found == QuantizedReference(weights.view))
    #expect(found.scales[1] == 0 && found.scales[6] == 0)
    #expect(found.scales[2..<6].map(\.isNaN) == [true, true, true, true])
  }

  @Test(arguments: [Precision.float32, .int8], [1, 2, 5])
  func `parts are stacked in order, on any number of threads`(
    precision: Precision, threads: Int
  ) throws {
    let kernels = try Kernels(instructionSet: nil, backend: .native, precision: precision)
    for height in [1, 12, 31, 32, 700] {
      let whole = try Weights(rows: 3 * height, columns: 37)
      let sources = (0..<3).map { part in
        MatrixSource(
          Matrix(whole.view.row(part * height), rows: height, columns: 37), isInPlace: part != 1)
      }
      let parts = try PackedSources(sources, kernels, threads: threads)
      let one = try PackedSources([whole.source(true)], kernels, threads: 1)
      #expect(parts.bytes == one.bytes)
      #expect(sources.allSatisfy { $0.released.allSatisfy { $0.value == 1 } }, "released once")
    }
  }

  @Test func `rows may begin at any address`() throws {
    let weights = try Weights(rows: 40, columns: 24)
    let shifted = try AlignedBuffer<UInt8>(count: 40 * 24 * 4 + 3)
    let start = UnsafeMutableRawPointer(shifted.pointer + 3)
    start.copyMemory(from: weights.view.pointer, byteCount: 40 * 24 * 4)
    for precision in Precision.allCases where precision.isSupported(by: Kernels.available[0]) {
      let kernels = try Kernels(instructionSet: nil, backend: .native, precision: precision)
      let found = try PackedSources([UnalignedSource(float32: start)], kernels, threads: 1)
      #expect(
        try found.bytes == PackedSources([weights.source(true)], kernels, threads: 1).bytes)
    }
  }

  private struct UnalignedSource: WeightSource, @unchecked Sendable {
    let float32: UnsafeRawPointer?
    let rows = 40
    let columns = 24

    func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {}
    func release(_ rows: Range<Int>) {}
  }

  @Test func `a table is a copy of its rows`() throws {
    let weights = try Weights(rows: 1001, columns: 13)
    let storage = WeightStorage()
    let table = try storage.table(weights.source(false))
    try storage.fill(on: WorkerPool(threadCount: 2))
    #expect(table.bits == weights.view.bits)
  }
}

/// Random weights in memory, one row after another.
private final class Weights {
  let view: Matrix<Float>
  private let buffer: AlignedBuffer<Float>

  init(rows: Int, columns: Int) throws {
    var random = SplitMix64(seed: UInt64(rows * 10_007 + columns))
    buffer = try AlignedBuffer(count: rows * columns)
    for index in 0..<rows * columns { buffer[index] = random.unit() }
    view = Matrix(buffer.pointer, rows: rows, columns: columns)
  }

  func source(_ isInPlace: Bool) -> MatrixSource { MatrixSource(view, isInPlace: isInPlace) }
}

/// A layer in a storage of its own.
private final class PackedSources {
  let linear: Linear
  private let storage = WeightStorage()

  init(_ sources: [any WeightSource], _ kernels: Kernels, threads: Int) throws {
    let outputs = sources.reduce(0) { $0 + $1.rows }
    let bias = try storage.allocate(WeightStorage.padded(outputs))
    linear = try storage.linear(sources, bias: bias, for: kernels)
    try storage.fill(on: WorkerPool(threadCount: threads))
  }

  var target: Any {
    if let packed = linear.packedWeights {
      return UnsafeMutableRawPointer(mutating: packed.pointer)
        .assumingMemoryBound(to: Float.self)
    }
    return linear.quantizedWeights as Any
  }

  /// All that was packed.
  var bytes: [UInt8] {
    guard let packed = linear.packedWeights ?? linear.quantizedWeights?.packed else { return [] }
    return Array(
      UnsafeRawBufferPointer(start: packed.pointer, count: packed.panelCount * packed.panelBytes))
  }

  func quantized() throws -> QuantizedReference {
    let matrix = try #require(linear.quantizedWeights)
    let padded = WeightStorage.padded(linear.outputs)
    return QuantizedReference(
      bytes: bytes.map { Int8(bitPattern: $0) },
      scales: (0..<padded).map { matrix.scales[$0] }, start: (0..<padded).map { matrix.start[$0] })
  }
}

/// int8 weights by the definition: q = round(w * (127 / max |w|)), halves to even, 4 bytes of a column
/// together, panels of 32 columns.
private struct QuantizedReference: Equatable {
  var bytes: [Int8]
  var scales: [Float]
  var start: [Int32]

  init(bytes: [Int8], scales: [Float], start: [Int32]) {
    (self.bytes, self.scales, self.start) = (bytes, scales, start)
  }

  /// NaN scales are equal too.
  static func == (left: Self, right: Self) -> Bool {
    left.bytes == right.bytes && left.start == right.start
      && left.scales.map(\.bitPattern) == right.scales.map(\.bitPattern)
  }

  init(_ weights: Matrix<Float>) {
    let panels = (weights.rows + 31) / 32
    let steps = (weights.columns + 3) / 4
    bytes = Array(repeating: 0, count: panels * steps * 128)
    scales = Array(repeating: 0, count: panels * 32)
    start = Array(repeating: 0, count: panels * 32)
    for column in 0..<weights.rows {
      let row = (0..<weights.columns).map { weights.row(column)[$0] }
      guard row.allSatisfy(\.isFinite) else {
        scales[column] = .nan
        continue
      }
      let largest = row.lazy.map(\.magnitude).max() ?? 0
      guard (127 / largest).isFinite else { continue }
      scales[column] = largest / 127
      var sum: Int32 = 0
      for (k, value) in row.enumerated() {
        let byte = Int8(truncatingIfNeeded: (value * (127 / largest) + 12_582_912).bitPattern)
        bytes[((column / 32 * steps + k / 4) * 32 + column % 32) * 4 + k % 4] = byte
        sum += Int32(byte)
      }
      start[column] = -128 * sum
    }
  }
}
