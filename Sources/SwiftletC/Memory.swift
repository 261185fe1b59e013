/// Memory that is passed to C code, which frees it with a function of this library.
enum Memory {
  /// Copies an array to new memory; the pointer is valid even if the array is empty.
  static func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
    elements.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { copy.initialize(from: base, count: source.count) }
    }
    return UnsafePointer(copy)
  }

  /// Copies a text to a new C string.
  static func copy(_ text: String) -> UnsafePointer<CChar> {
    copy(text.utf8.map { CChar(bitPattern: $0) } + [0])
  }

  /// Copies a value to new memory.
  static func make<Value: BitwiseCopyable>(_ value: Value) -> UnsafeMutablePointer<Value> {
    let place = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    place.initialize(to: value)
    return place
  }

  /// Returns a static C string.
  static func constant(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
