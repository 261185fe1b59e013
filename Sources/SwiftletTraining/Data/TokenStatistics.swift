/// The numbers of tokens of the sequences of a dataset before they were cut.
package struct TokenStatistics: Sendable, Equatable {
  /// Sequences by their number of tokens; the last place counts all longer ones.
  private var histogram: [Int] = []
  private static let longestCounted = 1 << 16

  package private(set) var sequenceCount = 0
  /// The tokens of all sequences before the cut.
  package private(set) var total = 0
  package private(set) var longest = 0
  /// Sequences that were cut at the maximum length.
  package private(set) var cutSequences = 0
  /// Tokens that were cut off.
  package private(set) var cutTokens = 0

  package init() {}

  mutating func add(_ count: Int, kept: Int) {
    let place = min(count, Self.longestCounted)
    while histogram.count <= place { histogram.append(0) }
    histogram[place] += 1
    sequenceCount += 1
    total += count
    longest = max(longest, count)
    if count > kept {
      cutSequences += 1
      cutTokens += count - kept
    }
  }

  /// The number of tokens that at least `share` of the sequences do not exceed.
  package func quantile(_ share: Double) -> Int {
    let wanted = (share * Double(sequenceCount)).rounded(.up)
    var seen = 0
    for (length, count) in histogram.enumerated() {
      seen += count
      if Double(seen) >= wanted, seen > 0 { return length }
    }
    return longest
  }

  /// The share of sequences that were cut.
  package var cutSequenceShare: Double {
    sequenceCount > 0 ? Double(cutSequences) / Double(sequenceCount) : 0
  }

  /// The share of tokens that were cut off.
  package var cutTokenShare: Double { total > 0 ? Double(cutTokens) / Double(total) : 0 }
}
