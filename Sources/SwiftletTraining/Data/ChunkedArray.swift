/// An array in blocks of fixed size: it grows without copying, so that a million rows never take
/// their memory twice.
package struct ChunkedArray<Element: BitwiseCopyable & Sendable>: Sendable {
  private static var chunkBits: Int { 16 }
  private static var chunkSize: Int { 1 << chunkBits }

  private var chunks: [[Element]] = []
  package private(set) var count = 0

  package init() {}

  package var isEmpty: Bool { count == 0 }

  /// The bytes of the blocks; the first one doubles as it grows. Equal arrays have the same, which the
  /// capacities of their blocks may not be.
  package var byteCount: Int {
    var reserved = chunks.count * Self.chunkSize
    if chunks.count == 1 { reserved = 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount) }
    return reserved * MemoryLayout<Element>.stride
  }

  package mutating func append(_ element: Element) {
    if count & (Self.chunkSize - 1) == 0 {
      chunks.append([])
      // The first block grows, so that a small array stays small.
      if count > 0 { chunks[chunks.count - 1].reserveCapacity(Self.chunkSize) }
    }
    chunks[chunks.count - 1].append(element)
    count += 1
  }

  package mutating func append(contentsOf elements: some Sequence<Element>) {
    for element in elements { append(element) }
  }

  package subscript(index: Int) -> Element {
    get { chunks[index >> Self.chunkBits][index & (Self.chunkSize - 1)] }
    set { chunks[index >> Self.chunkBits][index & (Self.chunkSize - 1)] = newValue }
  }

  /// Returns a copy of a range.
  package subscript(range: Range<Int>) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let chunk = chunks[index >> Self.chunkBits]
      let start = index & (Self.chunkSize - 1)
      let end = min(chunk.count, start + range.upperBound - index)
      result += chunk[start..<end]
      index += end - start
    }
    return result
  }
}
