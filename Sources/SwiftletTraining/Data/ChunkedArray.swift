/// An array in blocks of fixed size: it grows without copying, so that a million rows never take
/// their memory twice.
package struct ChunkedArray<Element: BitwiseCopyable & Sendable>: Sendable {
  private static var chunkBits: Int { 16 }
  private static var chunkSize: Int { 1 << chunkBits }

  private var chunks: [[Element]] = []
  package private(set) var count = 0

  package init() {}

  package var isEmpty: Bool { count == 0 }

  /// The bytes that the blocks hold, those reserved for more elements included.
  package var byteCount: Int {
    chunks.reduce(0) { $0 + $1.capacity * MemoryLayout<Element>.stride }
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
