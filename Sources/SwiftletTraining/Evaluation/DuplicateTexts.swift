/// Finds texts that occur more than once, and texts that nearly equal an earlier one.
///
/// Texts are equal if they differ only in case, white space and the composition of their characters
/// (Unicode's canonical equivalence). Memory is the texts once, and 4 bytes for each word.
public struct DuplicateTexts: Sendable {
  /// The number of texts so far.
  public private(set) var count = 0
  /// The first row of each text.
  private var firstRows: [String: Int] = [:]
  /// Every other row of a text that occurs more than once.
  private var repetitions: [(first: Int, row: Int)] = []
  private var shingles = ShingleSets()

  /// Creates a search without texts.
  public init() {}

  /// Adds the text of the next row, or both texts of a pair. Rows are numbered from 0.
  public mutating func add(_ text: String, pair: String? = nil) {
    let words = Self.words(of: text) + (pair.map { ["\u{1F}"] + Self.words(of: $0) } ?? [])
    let row = count
    count += 1
    let key = words.joined(separator: " ")
    if let first = firstRows[key] {
      repetitions.append((first, row))
    } else {
      firstRows[key] = row
      shingles.add(words, row: row)
    }
  }

  /// The rows of each text that occurs more than once, by their first rows.
  public var groups: [[Int]] {
    var groups: [[Int]] = []
    let sorted = repetitions.sorted { ($0.first, $0.row) < ($1.first, $1.row) }
    for (first, row) in sorted {
      if groups.last?.first == first {
        groups[groups.count - 1].append(row)
      } else {
        groups.append([first, row])
      }
    }
    return groups
  }

  /// A text that nearly equals an earlier one.
  public struct NearDuplicate: Sendable, Equatable {
    /// The row of the text.
    public let row: Int
    /// The first earlier row that was found to be similar.
    public let earlier: Int
    /// The Jaccard index of the two sets of shingles, from 0 to 1.
    public let similarity: Double

    /// Creates a pair of similar rows.
    public init(row: Int, earlier: Int, similarity: Double) {
      self.row = row
      self.earlier = earlier
      self.similarity = similarity
    }
  }

  /// Returns the texts that share most runs of five words with an earlier text, by their rows.
  ///
  /// Candidates are found by MinHash in 20 bands of 5 hashes, which finds 99.9 % of the pairs with a
  /// Jaccard index of 0.8; the index of each candidate is then computed exactly. Equal texts are not
  /// among them (``groups`` has those), and texts of fewer than five words never are.
  ///
  /// - Parameter similarity: The lowest Jaccard index of the two sets of runs, above 0 and at most 1.
  /// - Returns: At most one earlier row for each text.
  public func nearDuplicates(similarity: Double = 0.8) -> [NearDuplicate] {
    shingles.similarPairs(similarity)
  }

  private static func words(of text: String) -> [String] {
    text.lowercased().split { $0.isWhitespace }.map(String.init)
  }
}
