import Glibc
package import SwiftletKernelCore
package import SwiftletSystem
import Synchronization

/// Owns the memory of a model's weights; the views that it hands out live as long as it does.
///
/// Filled while a model loads, then only read. The memory lies in huge pages where the
/// system gives them: short inputs take as long as reading the weights, and a core reads from huge
/// pages 40 % faster.
package final class WeightStorage: @unchecked Sendable {
  private var arenas: [UnsafeMutableRawBufferPointer] = []
  /// What is left for matrices, and for all the small arrays between them: apart, so that nobody
  /// touches the pages of a matrix before the thread that packs it, which then clears them too.
  private var large = 0..<0
  private var small = 0..<0
  private var owners: [any AnyObject & Sendable] = []
  private var pending: [any StorageFilling] = []
  /// Bytes handed out so far.
  package private(set) var byteCount = 0

  private static let hugePage = 2 << 20
  /// Reserved at a time; what nobody writes to takes no memory.
  private static let arenaBytes = 64 << 20
  private static let maxSmallArrayBytes = 64 << 10

  package init() {}

  deinit { for arena in arenas { munmap(arena.baseAddress, arena.count) } }

  /// A zeroed array on a 64-byte boundary.
  package func allocate<Element: BitwiseCopyable>(
    _ count: Int, of type: Element.Type = Float.self
  ) throws(MemoryError) -> UnsafeMutablePointer<Element> {
    let bytes = (max(count, 1) * MemoryLayout<Element>.stride + 63) / 64 * 64
    let address =
      bytes <= Self.maxSmallArrayBytes
      ? try take(bytes, from: &small, isHuge: false) : try take(bytes, from: &large, isHuge: true)
    guard let block = UnsafeMutableRawPointer(bitPattern: address) else {
      throw MemoryError(bytes: bytes, purpose: Self.purpose)
    }
    byteCount += bytes
    return block.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  private static let purpose = "the weights of the model"

  private func take(
    _ bytes: Int, from arena: inout Range<Int>, isHuge: Bool
  ) throws(MemoryError) -> Int {
    if bytes > arena.count { arena = try reserve(bytes, isHuge: isHuge) }
    defer { arena = arena.lowerBound + bytes..<arena.upperBound }
    return arena.lowerBound
  }

  private func reserve(_ bytes: Int, isHuge: Bool) throws(MemoryError) -> Range<Int> {
    // Where addresses are scarce (ulimit -v), no more than is needed.
    guard
      let (base, size) = Self.map(max(Self.arenaBytes, bytes) + Self.hugePage)
        ?? Self.map(bytes + Self.hugePage)
    else { throw MemoryError(bytes: bytes, purpose: Self.purpose) }
    arenas.append(UnsafeMutableRawBufferPointer(start: base, count: size))
    let start = (Int(bitPattern: base) + Self.hugePage - 1) / Self.hugePage * Self.hugePage
    let end = Int(bitPattern: base) + size
    if isHuge { madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_HUGEPAGE) }
    return start..<end
  }

  private static func map(_ size: Int) -> (base: UnsafeMutableRawPointer, size: Int)? {
    guard
      let base = mmap(
        nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      base != MAP_FAILED
    else { return nil }
    return (base, size)
  }

  /// Keeps alive what a view into other memory needs.
  package func keep(_ owner: any AnyObject & Sendable) { owners.append(owner) }

  /// Makes room for a linear layer in the layout of `kernels`, to be filled by ``fill(on:)``: the
  /// weights of `parts`, all with the same columns, one under another. `bias` has the outputs
  /// rounded up by ``padded(_:)``.
  package func linear(
    _ parts: [any WeightSource], bias: UnsafePointer<Float>, for kernels: Kernels
  ) throws(MemoryError) -> Linear {
    let inputs = parts.first?.columns ?? 0
    let outputs = parts.reduce(0) { $0 + $1.rows }
    requirePrecondition(
      parts.allSatisfy { $0.columns == inputs }, "parts of one layer have one width")
    let (linear, target) =
      kernels.keepsFloat16 && parts.allSatisfy { $0.float16 != nil }
      ? try roomForFloat16(inputs: inputs, outputs: outputs, bias: bias, for: kernels)
      : try room(inputs: inputs, outputs: outputs, bias: bias, for: kernels)
    pending.append(LayerPacking(parts: parts, inputs: inputs, outputs: outputs, target: target))
    return linear
  }

  /// Makes room for a table of float32, to be filled by ``fill(on:)``.
  package func table(_ source: any WeightSource) throws(MemoryError) -> Matrix<Float> {
    let pointer = try allocate(source.rows * source.columns)
    pending.append(
      LayerPacking(
        parts: [source], inputs: source.columns, outputs: source.rows, target: .rows(pointer)))
    return Matrix(pointer, rows: source.rows, columns: source.columns)
  }

  /// Makes room for an array that is stored as it is read, to be filled by ``fill(on:)``; `source` may
  /// have any address, and `release` is told which of its elements nobody will ask for again.
  package func copy<Element: BitwiseCopyable & Sendable>(
    _ source: UnsafeRawPointer, count: Int, of type: Element.Type,
    release: @escaping @Sendable (Range<Int>) -> Void
  ) throws(MemoryError) -> UnsafePointer<Element> {
    let target = try allocate(count, of: type)
    pending.append(ArrayCopy(source: source, target: target, count: count, release: release))
    return UnsafePointer(target)
  }

  /// A layer of int8 that has its place already, in this storage or in what it keeps: weights in
  /// panels, scales and start for the padded outputs.
  package func linear(
    weights: UnsafePointer<Int8>, scales: UnsafePointer<Float>, start: UnsafePointer<Int32>,
    bias: UnsafePointer<Float>, inputs: Int, outputs: Int
  ) -> Linear {
    let packed = PackedMatrix(
      pointer: weights, steps: QuantizedMatrix.steps(depth: inputs), columns: outputs,
      panelWidth: QuantizedMatrix.panelWidth)
    return Linear(
      quantized: QuantizedMatrix(packed: packed, scales: scales, start: start, depth: inputs),
      bias: bias)
  }

  /// As many elements as whole panels of any layout have.
  package static func padded(_ outputs: Int) -> Int { (outputs + 31) / 32 * 32 }

  private func room(
    inputs: Int, outputs: Int, bias: UnsafePointer<Float>, for kernels: Kernels
  ) throws(MemoryError) -> (Linear, LayerPacking.Target) {
    if kernels.precision == .int8 {
      let bytes = 4 * QuantizedMatrix.steps(depth: inputs) * Self.padded(outputs)
      let packed = try allocate(bytes, of: Int8.self)
      let scales = try allocate(Self.padded(outputs))
      let start = try allocate(Self.padded(outputs), of: Int32.self)
      return (
        linear(
          weights: packed, scales: scales, start: start, bias: bias, inputs: inputs,
          outputs: outputs),
        .int8(packed, scales: scales, start: start)
      )
    }
    if kernels.blas != nil {
      let rows = try allocate(outputs * inputs)
      return (
        Linear(rows: Matrix(rows, rows: outputs, columns: inputs), bias: bias), .rows(rows)
      )
    }
    let width = kernels.table.products.panelWidth
    let packed = try allocate(
      PackedMatrix.wordCount(steps: inputs, columns: outputs, panelWidth: width))
    let matrix = PackedMatrix(
      pointer: packed, steps: inputs, columns: outputs, panelWidth: width)
    return (Linear(packed: matrix, bias: bias), .float32(packed, panelWidth: width))
  }

  private func roomForFloat16(
    inputs: Int, outputs: Int, bias: UnsafePointer<Float>, for kernels: Kernels
  ) throws(MemoryError) -> (Linear, LayerPacking.Target) {
    let width = kernels.table.products.panelWidth
    let packed = try allocate(
      PackedMatrix.wordCount(steps: inputs, columns: outputs, panelWidth: width),
      of: UInt16.self)
    let matrix = PackedMatrix(
      pointer: packed, steps: inputs, columns: outputs, panelWidth: width, wordBytes: 2)
    return (Linear(packed: matrix, bias: bias), .float16(packed, panelWidth: width))
  }

  /// Packs, quantises where that is wanted, and copies all that has been given room, on all the threads
  /// of the pool. The result does not depend on their number.
  ///
  /// - Throws: `MemoryError` for the buffer that converts numbers; the weights are useless then.
  package func fill(on pool: WorkerPool) throws(MemoryError) {
    let work = pending.flatMap { filling in filling.chunks.map { (filling, $0) } }
    pending = []
    let refusal = Refusal()
    pool.run(count: work.count) { index in
      let (filling, chunk) = work[index]
      do throws(MemoryError) { try filling.run(chunk) } catch { refusal.note(error) }
    }
    if let error = refusal.first { throw error }
  }
}

/// The first refusal of memory that any of several threads met.
private final class Refusal: Sendable {
  private let error = Mutex<MemoryError?>(nil)

  var first: MemoryError? { error.withLock { $0 } }

  func note(_ refusal: MemoryError) { error.withLock { $0 = $0 ?? refusal } }
}
