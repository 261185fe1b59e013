package import SwiftletKernelCore
package import SwiftletSystem

/// Owns the memory of a model's weights, which the views of it need. Filled while a model loads, then only
/// read.
package final class WeightStorage: @unchecked Sendable {
  private let arena = WeightArena()
  private var owners: [any AnyObject & Sendable] = []
  private var pending: [any StorageFilling] = []

  package init() {}

  /// Bytes allocated so far.
  package var byteCount: Int { arena.byteCount }

  /// A zeroed array on a 64-byte boundary.
  package func allocate<Element: BitwiseCopyable>(
    _ count: Int, of type: Element.Type = Float.self
  ) throws(MemoryError) -> UnsafeMutablePointer<Element> {
    try arena.allocate(count, of: type)
  }

  /// Keeps the owner of memory that a view needs.
  package func keep(_ owner: any AnyObject & Sendable) { owners.append(owner) }

  /// Allocates a linear layer in the layout of `kernels`, to be filled by ``fill(on:)``: the weights of
  /// `parts`, all with the same columns, one below another. `bias` has the outputs rounded up by
  /// ``padded(_:)``. Without `keepsFloat16`, weights that are stored as float16 become float32.
  package func linear(
    _ parts: [any WeightSource], bias: UnsafePointer<Float>, for kernels: Kernels,
    keepsFloat16: Bool = true
  ) throws(MemoryError) -> Linear {
    let inputs = parts.first?.columns ?? 0
    let outputs = parts.reduce(0) { $0 + $1.rows }
    requirePrecondition(
      parts.allSatisfy { $0.columns == inputs }, "parts of one layer have one width")
    let layout = LinearLayout(
      for: kernels, isFloat16: keepsFloat16 && parts.allSatisfy { $0.float16 != nil })
    let (linear, target) = try layout.allocate(
      inputs: inputs, outputs: outputs, bias: bias, in: arena)
    pending.append(LayerPacking(parts: parts, inputs: inputs, outputs: outputs, target: target))
    return linear
  }

  /// Allocates a table of float32, to be filled by ``fill(on:)``.
  package func table(_ source: any WeightSource) throws(MemoryError) -> Matrix<Float> {
    let pointer = try allocate(source.rows * source.columns)
    pending.append(
      LayerPacking(
        parts: [source], inputs: source.columns, outputs: source.rows, target: .rows(pointer)))
    return Matrix(pointer, rows: source.rows, columns: source.columns)
  }

  /// Allocates a table of bytes with a scale for each row, to be quantised by ``fill(on:)``.
  package func quantizedTable(
    _ source: any WeightSource
  ) throws(MemoryError) -> QuantizedRows {
    let values = try allocate(source.rows * source.columns, of: Int8.self)
    let scales = try allocate(source.rows)
    pending.append(
      LayerPacking(
        parts: [source], inputs: source.columns, outputs: source.rows,
        target: .int8Rows(values, scales: scales)))
    return QuantizedRows(values, scales: scales, rows: source.rows, columns: source.columns)
  }

  /// Allocates an array that is stored as it is read, to be filled by ``fill(on:)``. `source` may have any
  /// address; `release` is called with ranges of elements that will not be read again.
  package func copy<Element: BitwiseCopyable & Sendable>(
    _ source: UnsafeRawPointer, count: Int, of type: Element.Type,
    release: @escaping @Sendable (Range<Int>) -> Void
  ) throws(MemoryError) -> UnsafePointer<Element> {
    let target = try allocate(count, of: type)
    pending.append(ArrayCopy(source: source, target: target, count: count, release: release))
    return UnsafePointer(target)
  }

  /// The element count of whole panels in any layout.
  package static func padded(_ outputs: Int) -> Int { (outputs + 31) / 32 * 32 }

  /// Packs, quantises where needed and copies everything that was allocated to be filled, on all threads of
  /// the pool. The result does not depend on their number.
  ///
  /// - Throws: `MemoryError` for the buffer that converts numbers; the weights are useless then.
  package func fill(on pool: WorkerPool) throws(MemoryError) {
    let work = pending.flatMap { filling in filling.chunks.map { (filling, $0) } }
    pending = []
    let refusal = FirstError<MemoryError>()
    pool.run(count: work.count) { index in
      let (filling, chunk) = work[index]
      do throws(MemoryError) { try filling.run(chunk) } catch { refusal.report(error) }
    }
    if let error = refusal.error { throw error }
  }
}
