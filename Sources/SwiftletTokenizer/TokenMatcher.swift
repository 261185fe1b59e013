/// Finds the leftmost match of a set of byte strings, and the longest at that position.
struct TokenMatcher: Sendable {
  /// Sorted, so that patterns with a common prefix are adjacent.
  private let patterns: [(bytes: [UInt8], index: Int)]
  /// The patterns that start with each byte.
  private let buckets: [Range<Int>]

  var isEmpty: Bool { patterns.isEmpty }

  init(_ unsorted: [(pattern: [UInt8], index: Int)]) {
    let patterns = unsorted.map { (bytes: $0.pattern, index: $0.index) }
      .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    var buckets = [Range<Int>](repeating: 0..<0, count: 256)
    for (place, pattern) in patterns.enumerated() {
      guard let first = pattern.bytes.first else { continue }
      let bucket = buckets[Int(first)]
      buckets[Int(first)] = (bucket.isEmpty ? place : bucket.lowerBound)..<place + 1
    }
    self.patterns = patterns
    self.buckets = buckets
  }

  /// Returns the first match that starts at `from` or later and ends at `end` or earlier.
  func next(
    in text: UnsafeBufferPointer<UInt8>, from: Int, to end: Int
  ) -> (index: Int, range: Range<Int>)? {
    guard !isEmpty else { return nil }
    return buckets.withUnsafeBufferPointer { buckets in
      var offset = from
      while offset < end {
        let bucket = buckets[Int(text[offset])]
        if !bucket.isEmpty, let match = longest(bucket, in: text, at: offset, to: end) {
          return match
        }
        offset += 1
      }
      return nil
    }
  }

  /// Returns the longest match at `start`.
  ///
  /// Narrows the candidates byte by byte. Those that match the first `depth` bytes are adjacent,
  /// and patterns of exactly that length come first (two, if two tokens have the same normalized
  /// form).
  private func longest(
    _ bucket: Range<Int>, in text: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int
  ) -> (index: Int, range: Range<Int>)? {
    var candidates = bucket
    var depth = 1
    var best: (index: Int, range: Range<Int>)?
    while !candidates.isEmpty {
      let ending = partition(candidates) { patterns[$0].bytes.count == depth }
      if ending > candidates.lowerBound {
        best = (patterns[candidates.lowerBound].index, start..<start + depth)
        candidates = ending..<candidates.upperBound
      }
      guard start + depth < end else { break }
      let byte = text[start + depth]
      let low = partition(candidates) { patterns[$0].bytes[depth] < byte }
      let high = partition(low..<candidates.upperBound) { patterns[$0].bytes[depth] == byte }
      candidates = low..<high
      depth += 1
    }
    return best
  }

  /// Returns the first index in a range for which `precedes` is false.
  private func partition(_ range: Range<Int>, _ precedes: (Int) -> Bool) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if precedes(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
