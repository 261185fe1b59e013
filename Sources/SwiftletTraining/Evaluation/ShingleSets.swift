/// The sets of runs of five words of many texts, and the pairs of texts whose sets are similar.
///
/// Broder, "On the Resemblance and Containment of Documents", 1997.
struct ShingleSets: Sendable {
  private static let wordCount = 5
  private static let bandCount = 20
  private static let hashesPerBand = 5
  /// The most texts with the same hashes that a text is compared with in one band.
  private static let comparisonLimit = 16

  private var rows: [Int] = []
  /// The hashes of all texts, sorted within each, and where each text's end.
  private var hashes: [UInt32] = []
  private var ends: [Int] = []

  /// Adds a text; skips one of fewer than five words.
  mutating func add(_ words: [String], row: Int) {
    guard words.count >= Self.wordCount else { return }
    let numbers = words.map(Self.hash)
    let runs = 0...(numbers.count - Self.wordCount)
    let set = runs.map { start in
      let run = numbers[start..<start + Self.wordCount]
      return UInt32(truncatingIfNeeded: run.reduce(0) { TextHash.finished($0 &* 31 &+ $1) })
    }.sorted()
    for (index, hash) in set.enumerated() where index == 0 || hash != set[index - 1] {
      hashes.append(hash)
    }
    rows.append(row)
    ends.append(hashes.count)
  }

  /// FNV-1a over the bytes, which is the same in every run.
  private static func hash(_ word: String) -> UInt64 {
    word.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  /// Returns each text that has an earlier one of at least this Jaccard index, by its row.
  func similarPairs(
    _ similarity: Double
  ) -> [(row: Int, earlier: Int, similarity: Double)] {
    var earliest = [Int](repeating: .max, count: rows.count)
    for band in 0..<Self.bandCount {
      let keys = rows.indices.map { key(of: $0, band: band) }
      let order = rows.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
      var start = 0
      for place in order.indices {
        if keys[order[place]] != keys[order[start]] { start = place }
        for other in order[start..<place].prefix(Self.comparisonLimit)
        where other < earliest[order[place]] && jaccard(other, order[place]) >= similarity {
          earliest[order[place]] = other
        }
      }
    }
    return earliest.enumerated().compactMap { text, other in
      other == .max
        ? nil : (row: rows[text], earlier: rows[other], similarity: jaccard(other, text))
    }
  }

  private func set(of text: Int) -> ArraySlice<UInt32> {
    hashes[(text > 0 ? ends[text - 1] : 0)..<ends[text]]
  }

  /// Hashes the least values of the band's hash functions.
  private func key(of text: Int, band: Int) -> UInt64 {
    let set = set(of: text)
    return (0..<Self.hashesPerBand).reduce(0) { key, function in
      let seed = TextHash.finished(UInt64(band * Self.hashesPerBand + function + 1))
      var least = UInt64.max
      for hash in set { least = min(least, TextHash.finished(UInt64(hash) ^ seed)) }
      return TextHash.finished(key &* 31 &+ least)
    }
  }

  private func jaccard(_ first: Int, _ second: Int) -> Double {
    let (left, right) = (set(of: first), set(of: second))
    var (shared, leftPlace, rightPlace) = (0, left.startIndex, right.startIndex)
    while leftPlace < left.endIndex, rightPlace < right.endIndex {
      let (one, other) = (left[leftPlace], right[rightPlace])
      if one == other { shared += 1 }
      if one <= other { leftPlace += 1 }
      if other <= one { rightPlace += 1 }
    }
    return Double(shared) / Double(left.count + right.count - shared)
  }
}
