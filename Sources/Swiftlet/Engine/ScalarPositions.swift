/// Maps byte offsets in a text to offsets in Unicode scalars, the offsets of Python's strings.
struct ScalarPositions {
  private var positions: [Int] = []

  init(_ text: String) {
    positions.reserveCapacity(text.utf8.count + 1)
    var position = 0
    for scalar in text.unicodeScalars {
      for _ in 0..<UTF8.width(scalar) { positions.append(position) }
      position += 1
    }
    positions.append(position)
  }

  func range(_ bytes: Range<Int>) -> Range<Int> {
    let start = positions[min(bytes.lowerBound, positions.count - 1)]
    return start..<max(start, positions[min(bytes.upperBound, positions.count - 1)])
  }
}
