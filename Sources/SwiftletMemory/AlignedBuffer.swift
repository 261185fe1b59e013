/// A block of `count` elements on a 64-byte boundary (a cache line, and an AVX-512 vector), owned by
/// one place and freed with it.
package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable {
  package let pointer: UnsafeMutablePointer<Element>
  package let count: Int

  package static var alignment: Int { 64 }

  /// Zeroed elements.
  package init(count: Int) {
    self.init(uninitialized: count)
    UnsafeMutableRawPointer(pointer)
      .initializeMemory(as: UInt8.self, repeating: 0, count: count * MemoryLayout<Element>.stride)
  }

  /// Elements of any value; a large block takes memory only where it is written to.
  package init(uninitialized count: Int) {
    precondition(count >= 0, "a buffer can't have \(count) elements")
    let bytes = max(count * MemoryLayout<Element>.stride, 1)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
    self.pointer = raw.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  package subscript(index: Int) -> Element {
    get { pointer[index] }
    nonmutating set { pointer[index] = newValue }
  }
}
