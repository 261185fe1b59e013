/// Finds the leftmost, and there the longest, of a set of byte strings.
struct TokenMatcher: Sendable {
  /// Sorted, so that the patterns that share a prefix stand together.
  private let patterns: [(bytes: [UInt8], index: Int)]
  /// Per first byte, the patterns that start with it.
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

  /// The first match that starts at `from` or later and ends by `end`.
  func next(
    in text: UnsafeBufferPointer<UInt8>,
    from: Int,
    to end: Int
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

  /// Narrows the patterns down byte by byte; those that share the first `depth` bytes with the text
  /// stand together, and before them those that end there (two, if two normalize to one).
  private func longest(
    _ bucket: Range<Int>,
    in text: UnsafeBufferPointer<UInt8>,
    at start: Int,
    to end: Int
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

  /// The first place in a range for which `precedes` no longer holds.
  private func partition(_ range: Range<Int>, _ precedes: (Int) -> Bool) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if precedes(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
