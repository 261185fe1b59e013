/// Maps byte offsets in a text to offsets in another unit.
package struct OffsetMap {
  private var positions: [Int] = []

  package init(_ text: String, _ unit: Encoding.OffsetUnit) {
    positions.reserveCapacity(text.utf8.count + 1)
    var position = 0
    for scalar in text.unicodeScalars {
      for _ in 0..<UTF8.width(scalar) { positions.append(position) }
      position += unit == .utf16 ? UTF16.width(scalar) : 1
    }
    positions.append(position)
  }

  package func convert(_ range: Range<Int>) -> Range<Int> {
    let start = positions[min(range.lowerBound, positions.count - 1)]
    let end = positions[min(range.upperBound, positions.count - 1)]
    return start..<max(start, end)
  }
}
