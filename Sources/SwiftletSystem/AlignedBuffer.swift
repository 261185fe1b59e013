import Glibc

/// An array of `count` elements aligned to 64 bytes: a cache line, and an AVX-512 vector.
package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable {
  package let pointer: UnsafeMutablePointer<Element>
  package let count: Int

  package static var alignment: Int { 64 }

  /// Allocates zeroed elements.
  package init(count: Int, purpose: String = "a buffer") throws(MemoryError) {
    try self.init(uninitialized: count, purpose: purpose)
    UnsafeMutableRawPointer(pointer)
      .initializeMemory(as: UInt8.self, repeating: 0, count: count * MemoryLayout<Element>.stride)
  }

  /// Allocates elements of undefined value; a large block takes memory only where it is written.
  ///
  /// - Throws: `MemoryError`, which names the purpose, if the system refuses the memory.
  package init(uninitialized count: Int, purpose: String = "a buffer") throws(MemoryError) {
    requirePrecondition(count >= 0, "a buffer can't have \(count) elements")
    let bytes = max(count * MemoryLayout<Element>.stride, 1)
    var raw: UnsafeMutableRawPointer?
    guard posix_memalign(&raw, Self.alignment, bytes) == 0, let raw else {
      throw MemoryError(bytes: bytes, purpose: purpose)
    }
    self.pointer = raw.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit { free(UnsafeMutableRawPointer(pointer)) }

  package subscript(index: Int) -> Element {
    get { pointer[index] }
    nonmutating set { pointer[index] = newValue }
  }
}
