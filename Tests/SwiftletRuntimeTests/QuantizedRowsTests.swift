import SwiftletKernelCore
import SwiftletSystem
import Testing

@testable import SwiftletRuntime

/// Tables of bytes, and the embeddings that are looked up in them.
@Suite struct QuantizedRowsTests {
  /// Below, at and above every vector.
  static let widths = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 64, 100, 385]

  @Test func `a row in int8 is the definition's, with halves to even`() {
    for width in Self.widths {
      var random = SplitMix64(seed: UInt64(width))
      let row = (0..<width).map { _ in 3 * random.unit() }
      let largest = row.map(\.magnitude).max() ?? 0
      let (bytes, scale) = quantized(row)
      #expect(scale == largest / 127)
      #expect(
        bytes == row.map { Int8(($0 * (127 / largest)).rounded(.toNearestOrEven)) }, "\(width)")
    }
    let halves: [Float] = [127, 0.5, 1.5, -2.5, -0.5]
    #expect(quantized(halves) == ([127, 0, 2, -2, 0], 1))
  }

  @Test(arguments: [1, 4, 5])
  func `a row of zeros has the scale 0, one that is not finite the scale NaN`(place: Int) {
    for value in [0, -0.0, 3e-37, -3e-37] as [Float] {
      var row = [Float](repeating: 0, count: 9)
      row[place] = value
      #expect(quantized(row) == ([Int8](repeating: 0, count: 9), 0))
    }
    for value in [.infinity, -.infinity, .nan, -.nan] as [Float] {
      var row = [Float](repeating: 2, count: 9)
      row[place] = value
      let (bytes, scale) = quantized(row)
      #expect(scale.isNaN && bytes.allSatisfy { $0 == 0 })
    }
    var row = [Float](repeating: 1, count: 9)
    row[place] = -.greatestFiniteMagnitude
    #expect(quantized(row).0.map(Int.init).min() == -127)
  }

  private func quantized(_ row: [Float]) -> ([Int8], Float) {
    // One byte too many shows a store beyond the row.
    var bytes = [Int8](repeating: 99, count: row.count + 1)
    let scale = row.withUnsafeBytes { row in
      bytes.withUnsafeMutableBufferPointer { bytes -> Float in
        guard let source = row.baseAddress, let target = bytes.baseAddress else { return .nan }
        return QuantizedRows.quantize(source, count: bytes.count - 1, into: target)
      }
    }
    #expect(bytes.last == 99)
    return (bytes.dropLast(), scale)
  }

  @Test(arguments: Kernels.available, [false, true])
  func `a looked-up row has the bits of the floats that the table stands for`(
    table: KernelTable, hasKinds: Bool
  ) throws {
    for width in Self.widths {
      var random = SplitMix64(seed: UInt64(width))
      let words = try GuardedTable(rows: 3, columns: width, using: &random)
      let kind = try GuardedMatrix(rows: 1, columns: width, using: &random)
      let position = try GuardedMatrix(rows: 1, columns: width, using: &random)
      for id in 0..<3 {
        let sum = try GuardedMatrix(rows: 1, columns: width)
        table.rows.embed(
          words.view, id, hasKinds ? UnsafePointer(kind.view.pointer) : nil,
          position.view.pointer, sum.view.pointer)
        for column in 0..<width {
          let word = Float(words.view.row(id)[column]) * words.view.scales[id]
          let first = hasKinds ? word + kind.view.pointer[column] : word
          let expected = first + position.view.pointer[column]
          #expect(sum.view.pointer[column].bitPattern == expected.bitPattern, "\(width)")
        }
        #expect(sum.isIntactOutside)
      }
    }
  }

  @Test(arguments: [1, 3], [false, true])
  func `a table is quantised row by row, on any number of threads`(
    threads: Int, isInPlace: Bool
  ) throws {
    var random = SplitMix64(seed: 4)
    let (rows, columns) = (3000, 37)
    let floats = try AlignedBuffer<Float>(count: rows * columns)
    for index in 0..<floats.count { floats[index] = random.unit() }
    floats[2 * columns] = .nan
    let matrix = Matrix(floats.pointer, rows: rows, columns: columns)
    let source = MatrixSource(matrix, isInPlace: isInPlace)
    let storage = WeightStorage()
    let table = try storage.quantizedTable(source)
    try storage.fill(on: WorkerPool(threadCount: threads))
    #expect(table.rows == rows && table.columns == columns)
    for row in 0..<rows {
      let (bytes, scale) = quantized((0..<columns).map { matrix.row(row)[$0] })
      #expect(table.scales[row].bitPattern == scale.bitPattern)
      #expect((0..<columns).allSatisfy { table.row(row)[$0] == bytes[$0] }, "\(row)")
    }
    #expect(source.released.allSatisfy { $0.value == 1 })
  }

  @Test func `a rounded row is what its bytes stand for`() {
    var random = SplitMix64(seed: 5)
    let row = (0..<21).map { _ in random.unit() }
    let (bytes, scale) = quantized(row)
    var rounded = row
    var buffer = [Int8](repeating: 0, count: row.count)
    rounded.withUnsafeMutableBufferPointer { row in
      buffer.withUnsafeMutableBufferPointer { buffer in
        guard let row = row.baseAddress, let bytes = buffer.baseAddress else { return }
        QuantizedRows.round(row, count: 21, through: bytes)
      }
    }
    #expect(rounded == bytes.map { Float($0) * scale })
  }
}

/// A table whose last byte lies before an inaccessible page.
private final class GuardedTable {
  let view: QuantizedRows
  private let memory: GuardedMatrix
  private let scales: AlignedBuffer<Float>

  init(rows: Int, columns: Int, using random: inout SplitMix64) throws {
    let count = rows * columns
    memory = try GuardedMatrix(rows: 1, columns: (count + 3) / 4, padding: 0)
    scales = try AlignedBuffer(count: rows)
    let end = UnsafeMutableRawPointer(memory.view.pointer + (count + 3) / 4)
    let values = (end - count).bindMemory(to: Int8.self, capacity: count)
    for index in 0..<count { values[index] = Int8(truncatingIfNeeded: random.next()) }
    for row in 0..<rows { scales[row] = random.unit().magnitude }
    view = QuantizedRows(values, scales: scales.pointer, rows: rows, columns: columns)
  }
}
