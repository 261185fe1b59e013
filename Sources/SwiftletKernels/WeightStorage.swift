import Glibc
import SwiftletKernelCore
package import SwiftletMemory

/// Owns the memory of a model's weights; the views that it hands out live as long as it does.
///
/// Filled by one thread while a model loads, then only read. The memory lies in huge pages where the
/// system gives them: short inputs take as long as reading the weights, and a core reads from huge
/// pages 40 % faster.
package final class WeightStorage: @unchecked Sendable {
  private var arenas: [UnsafeMutableRawPointer] = []
  private var next = 0
  private var end = 0
  /// Bytes handed out so far.
  package private(set) var byteCount = 0

  private static let hugePage = 2 << 20
  /// Reserved at a time; what nobody writes to takes no memory.
  private static let arenaBytes = 256 << 20
  private var sizes: [Int] = []

  package init() {}

  deinit { for (arena, size) in zip(arenas, sizes) { munmap(arena, size) } }

  /// A zeroed array on a 64-byte boundary.
  package func allocate<Element: BitwiseCopyable>(
    _ count: Int, of type: Element.Type = Float.self
  ) -> UnsafeMutablePointer<Element> {
    let bytes = (max(count, 1) * MemoryLayout<Element>.stride + 63) / 64 * 64
    if next + bytes > end { reserve(bytes) }
    guard let block = UnsafeMutableRawPointer(bitPattern: next) else {
      preconditionFailure("the system has no memory for \(bytes) bytes of weights")
    }
    next += bytes
    byteCount += bytes
    return block.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  private func reserve(_ bytes: Int) {
    let size = max(Self.arenaBytes, bytes) + Self.hugePage
    guard
      let base = mmap(
        nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      base != MAP_FAILED
    else { preconditionFailure("the system has no memory for \(bytes) bytes of weights") }
    arenas.append(base)
    sizes.append(size)
    let start = (Int(bitPattern: base) + Self.hugePage - 1) / Self.hugePage * Self.hugePage
    next = start
    end = Int(bitPattern: base) + size
    madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_HUGEPAGE)
  }

  /// Lays out a linear layer for `kernels`. `fill` writes the weights [outputs, inputs] and the bias
  /// [outputs] into the places that it is given.
  package func linear<Failure: Error>(
    inputs: Int, outputs: Int, for kernels: Kernels,
    fill: (Matrix<Float>, UnsafeMutablePointer<Float>) throws(Failure) -> Void
  ) throws(Failure) -> Linear {
    let panelWidth = kernels.table.panelWidth
    let whole = max(panelWidth, QuantizedMatrix.panelWidth)
    let bias = allocate((outputs + whole - 1) / whole * whole)
    if kernels.precision == .float32, kernels.blas != nil {
      let rows = Matrix(allocate(outputs * inputs), rows: outputs, columns: inputs)
      try fill(rows, bias)
      return Linear(rows: rows, bias: bias)
    }
    let original = AlignedBuffer<Float>(count: outputs * inputs)
    let rows = Matrix(original.pointer, rows: outputs, columns: inputs)
    try fill(rows, bias)
    switch kernels.precision {
    case .float32: return Linear(packed: pack(rows, panelWidth: panelWidth), bias: bias)
    case .int8: return Linear(quantized: quantize(rows), bias: bias)
    }
  }

  private func pack(_ rows: Matrix<Float>, panelWidth: Int) -> PackedMatrix {
    let packed = allocate(
      PackedMatrix.wordCount(steps: rows.columns, columns: rows.rows, panelWidth: panelWidth))
    PackedMatrix.pack(transposing: rows, into: packed, panelWidth: panelWidth)
    return PackedMatrix(
      pointer: packed, steps: rows.columns, columns: rows.rows, panelWidth: panelWidth)
  }

  private func quantize(_ rows: Matrix<Float>) -> QuantizedMatrix {
    let panelWidth = QuantizedMatrix.panelWidth
    let padded = (rows.rows + panelWidth - 1) / panelWidth * panelWidth
    let scales = allocate(padded)
    let start = allocate(padded, of: Int32.self)
    let bytes = AlignedBuffer<Int8>(count: rows.rows * rows.columns)
    for row in 0..<rows.rows {
      let quantized = bytes.pointer + row * rows.columns
      scales[row] = WeightQuantizer.row(rows.row(row), count: rows.columns, into: quantized)
      var sum: Int32 = 0
      for k in 0..<rows.columns { sum += Int32(quantized[k]) }
      start[row] = -128 * sum
    }
    let steps = QuantizedMatrix.steps(depth: rows.columns)
    let packed = allocate(
      4 * PackedMatrix.wordCount(steps: steps, columns: rows.rows, panelWidth: panelWidth),
      of: Int8.self)
    WeightQuantizer.pack(
      rows: Matrix(bytes.pointer, rows: rows.rows, columns: rows.columns), into: packed)
    return QuantizedMatrix(
      packed: PackedMatrix(
        pointer: packed, steps: steps, columns: rows.rows, panelWidth: panelWidth),
      scales: scales, start: start, depth: rows.columns)
  }
}
