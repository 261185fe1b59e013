package import SwiftletSystem

/// Memory that holds the bytes of tensors as long as it lives: a file, or memory of the process.
package protocol TensorMemory: AnyObject, Sendable {
  /// Whether the bytes are a file's own pages, which are read again where they are touched.
  var isMapped: Bool { get }

  /// Releases the memory of bytes of a file, which must not be read again unless it is mapped.
  func release(_ bytes: UnsafeRawBufferPointer)

  /// Releases all pages of a mapped file; the next access loads a page again.
  func releaseMappedPages()
}

extension FileContents: TensorMemory {
  package func release(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, let base = self.bytes.baseAddress else { return }
    release(start - base..<start - base + bytes.count)
  }
}

/// Memory of the process for the bytes of tensors.
package final class AllocatedTensorMemory: TensorMemory, @unchecked Sendable {
  // Unchecked because of `bytes`, which only the creator writes, before it shares this object.

  package let bytes: UnsafeMutableRawBufferPointer
  private let buffer: AlignedBuffer<UInt8>

  /// Allocates bytes of undefined value, aligned to 64.
  ///
  /// - Throws: `MemoryError`, which names the purpose, if the system refuses the memory.
  package init(byteCount: Int, purpose: String) throws(MemoryError) {
    buffer = try AlignedBuffer(uninitialized: byteCount, purpose: purpose)
    bytes = UnsafeMutableRawBufferPointer(start: buffer.pointer, count: byteCount)
  }

  /// Copies `source`.
  package convenience init(
    _ source: UnsafeRawBufferPointer, purpose: String
  ) throws(MemoryError) {
    try self.init(byteCount: source.count, purpose: purpose)
    bytes.copyMemory(from: source)
  }

  package var isMapped: Bool { false }

  /// Keeps the bytes: training and quantising read weights more than once, and they are nowhere else.
  package func release(_ bytes: UnsafeRawBufferPointer) {}

  package func releaseMappedPages() {}
}
