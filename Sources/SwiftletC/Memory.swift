import CSwiftlet

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

  /// Copies texts to new memory, the array and the bytes in one block; each text ends in NUL.
  static func copy(texts: [String]) -> UnsafePointer<swiftlet_text> {
    let (start, bytes) = block(texts, stride: MemoryLayout<swiftlet_text>.stride)
    let copies = start.assumingMemoryBound(to: swiftlet_text.self)
    for (index, (text, place)) in zip(texts, bytes).enumerated() {
      (copies + index).initialize(to: swiftlet_text(bytes: place, length: text.utf8.count))
    }
    return UnsafePointer(copies)
  }

  /// Copies texts without NUL to new memory, the array and the C strings in one block.
  static func copy(strings: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
    let (start, bytes) = block(strings, stride: MemoryLayout<UnsafePointer<CChar>?>.stride)
    let copies = start.assumingMemoryBound(to: UnsafePointer<CChar>?.self)
    for (index, place) in bytes.enumerated() { (copies + index).initialize(to: place) }
    return UnsafePointer(copies)
  }

  /// Allocates an array of `stride` bytes for each text, and behind it the bytes of the texts.
  ///
  /// - Returns: The block, and the place of each text in it.
  private static func block(
    _ texts: [String], stride: Int
  ) -> (UnsafeMutableRawPointer, [UnsafePointer<CChar>]) {
    let size = texts.reduce(texts.count * stride) { $0 + $1.utf8.count + 1 }
    let start = UnsafeMutableRawPointer.allocate(byteCount: max(1, size), alignment: 16)
    var place = (start + texts.count * stride).assumingMemoryBound(to: UInt8.self)
    let places = texts.map { text in
      let first = place
      for byte in text.utf8 {
        place.initialize(to: byte)
        place += 1
      }
      place.initialize(to: 0)
      place += 1
      return UnsafeRawPointer(first).assumingMemoryBound(to: CChar.self)
    }
    return (start, places)
  }

  /// Copies counts of tokens to new memory.
  static func copy(counts: some Sequence<Int>) -> UnsafePointer<UInt32> {
    copy(counts.map { UInt32(clamping: $0) })
  }

  /// Copies flags to new memory, as 0 and 1.
  static func copy(flags: some Sequence<Bool>) -> UnsafePointer<UInt8> {
    copy(flags.map { $0 ? 1 : 0 })
  }

  /// Copies the index of the first element of each part, and the number of all elements.
  static func copy(startsOf counts: some Sequence<Int>) -> UnsafePointer<Int> {
    var starts = [0]
    var total = 0
    for count in counts {
      total += count
      starts.append(total)
    }
    return copy(starts)
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
