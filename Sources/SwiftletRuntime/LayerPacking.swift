import SwiftletKernelCore
import SwiftletSystem

/// Packs a linear layer, or copies or quantises a table, from its source into the layout that products read.
///
/// Panels are packed in any order, on any thread: each has its own source and its own target.
struct LayerPacking: StorageFilling {
  enum Target: @unchecked Sendable {
    /// Rows as stored: a table, or a layer for CBLAS.
    case rows(UnsafeMutablePointer<Float>)
    case float32(UnsafeMutablePointer<Float>, panelWidth: Int)
    /// Float16 as stored.
    case float16(UnsafeMutablePointer<UInt16>, panelWidth: Int)
    /// Bfloat16 as stored, or rounded from floats.
    case bfloat16(
      UnsafeMutablePointer<UInt16>, panelWidth: Int, round: BFloat16Kernels.Round)
    case int8(
      UnsafeMutablePointer<Int8>, scales: UnsafeMutablePointer<Float>,
      start: UnsafeMutablePointer<Int32>)
    /// A table of bytes with a scale for each row; see ``QuantizedRows``.
    case int8Rows(UnsafeMutablePointer<Int8>, scales: UnsafeMutablePointer<Float>)
  }

  /// The sources, one below another.
  let parts: [any WeightSource]
  let inputs: Int
  let outputs: Int
  /// Zeroed.
  let target: Target

  /// The rows of a panel.
  private var height: Int {
    switch target {
    case .rows, .int8Rows: 32
    case .float32(_, let panelWidth), .float16(_, let panelWidth), .bfloat16(_, let panelWidth, _):
      panelWidth
    case .int8: QuantizedMatrix.panelWidth
    }
  }

  /// Ranges of panels.
  var chunks: [Range<Int>] {
    chunks(
      of: (outputs + height - 1) / height,
      bytesEach: height * inputs * MemoryLayout<Float>.stride)
  }

  func run(_ panels: Range<Int>) throws(MemoryError) {
    let needsBuffer = parts.contains { address(of: $0) == nil }
    let buffer = try AlignedBuffer<Float>(
      uninitialized: needsBuffer ? height * (inputs + roundedFloats) : 0,
      purpose: "converting weights")
    withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: height) { pointers in
      for panel in panels {
        let rows = panel * height..<min((panel + 1) * height, outputs)
        gather(rows, pointers, buffer.pointer)
        pack(panel, UnsafeBufferPointer(rebasing: pointers[..<rows.count]))
      }
    }
    let rows = panels.lowerBound * height..<min(panels.upperBound * height, outputs)
    forEachPart(of: rows) { part, range in part.release(range) }
  }

  /// The address of a part's rows, if they are stored in the target's type.
  private func address(of part: any WeightSource) -> UnsafeRawPointer? {
    switch target {
    case .float16: part.float16
    case .bfloat16: part.bfloat16
    case .rows, .float32, .int8, .int8Rows: part.float32
    }
  }

  private var elementBytes: Int {
    switch target {
    case .float16, .bfloat16: 2
    case .rows, .float32, .int8, .int8Rows: 4
    }
  }

  /// Collects pointers to the rows. Rows of another type are converted into the buffer.
  private func gather(
    _ rows: Range<Int>, _ pointers: UnsafeMutableBufferPointer<UnsafeRawPointer>,
    _ buffer: UnsafeMutablePointer<Float>
  ) {
    var next = 0
    forEachPart(of: rows) { part, range in
      var first: UnsafeRawPointer
      var rowBytes = inputs * elementBytes
      if let address = address(of: part) {
        first = address + range.lowerBound * rowBytes
      } else {
        let floats = buffer + next * inputs
        part.read(range, into: floats)
        first = UnsafeRawPointer(floats)
        if case .bfloat16(_, _, let round) = target {
          let rounded = Matrix(
            UnsafeMutableRawPointer(buffer + height * inputs + next * roundedFloats)
              .assumingMemoryBound(to: UInt16.self),
            rows: range.count, columns: inputs, stride: 2 * roundedFloats)
          round(Matrix(floats, rows: range.count, columns: inputs), rounded)
          first = UnsafeRawPointer(rounded.pointer)
          rowBytes = 2 * rounded.stride
        }
      }
      for row in 0..<range.count {
        pointers.initializeElement(at: next + row, to: first + row * rowBytes)
      }
      next += range.count
    }
  }

  /// A row of bfloat16 in whole vectors, counted in floats.
  private var roundedFloats: Int {
    if case .bfloat16 = target { ActivationScratch.bfloat16Stride(columns: inputs) / 2 } else { 0 }
  }

  private func pack(_ panel: Int, _ rows: Packing.Rows) {
    switch target {
    case .rows(let target):
      for (row, source) in rows.enumerated() {
        UnsafeMutableRawPointer(target + (panel * height + row) * inputs)
          .copyMemory(from: source, byteCount: inputs * MemoryLayout<Float>.stride)
      }
    case .float32(let target, let width):
      Packing.float32(
        rows, depth: inputs, into: target + panel * width * inputs, width: width)
    case .float16(let target, let width):
      Packing.float16(
        rows, depth: inputs, into: target + panel * width * inputs, width: width)
    case .bfloat16(let target, let width, _):
      let steps = BFloat16Kernels.steps(depth: inputs)
      Packing.bfloat16(
        rows, depth: inputs, into: target + 2 * panel * width * steps, width: width)
    case .int8(let target, let scales, let start):
      let panelBytes = 4 * height * QuantizedMatrix.steps(depth: inputs)
      Packing.int8(
        rows, depth: inputs, into: target + panel * panelBytes, width: height,
        scales: scales + panel * height, start: start + panel * height)
    case .int8Rows(let target, let scales):
      for (row, source) in rows.enumerated() {
        let index = panel * height + row
        scales[index] = QuantizedRows.quantize(
          source, count: inputs, into: target + index * inputs)
      }
    }
  }

  /// Calls `body` with each part of a range of the layer's rows, and the part's own row range.
  private func forEachPart(of rows: Range<Int>, _ body: (any WeightSource, Range<Int>) -> Void) {
    var first = 0
    for part in parts {
      let range = rows.clamped(to: first..<first + part.rows)
      if !range.isEmpty { body(part, range.lowerBound - first..<range.upperBound - first) }
      first += part.rows
    }
  }
}
