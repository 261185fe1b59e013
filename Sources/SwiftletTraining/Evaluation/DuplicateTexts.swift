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
  /// A word between the texts of a pair.
  private static let pairMark = "\u{1F}"

  /// Creates a search without texts.
  public init() {}

  /// Adds the text of the next row, or both texts of a pair. Rows are numbered from 0.
  public mutating func add(_ text: String, pair: String? = nil) {
    let words = Self.words(of: text) + (pair.map { [Self.pairMark] + Self.words(of: $0) } ?? [])
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

  /// A text that occurs more than once.
  public struct Group: Sendable, Equatable {
    /// The text in lower case with single spaces, and ` | ` between the texts of a pair.
    public let text: String
    /// The rows that have it, in their order.
    public let rows: [Int]

    /// Creates a group of rows with equal texts.
    public init(text: String, rows: [Int]) {
      self.text = text
      self.rows = rows
    }
  }

  /// Each text that occurs more than once, by its first row.
  public var groups: [Group] {
    var groups: [[Int]] = []
    for (first, row) in repetitions.sorted(by: { ($0.first, $0.row) < ($1.first, $1.row) }) {
      if groups.last?.first == first {
        groups[groups.count - 1].append(row)
      } else {
        groups.append([first, row])
      }
    }
    let texts = texts(of: Set(groups.map { $0[0] }))
    return groups.map { Group(text: texts[$0[0]] ?? "", rows: $0) }
  }

  /// Returns the texts of some first rows.
  private func texts(of rows: Set<Int>) -> [Int: String] {
    var texts: [Int: String] = [:]
    for (text, row) in firstRows where rows.contains(row) {
      texts[row] = text.replacing(Self.pairMark, with: "|")
    }
    return texts
  }

  /// A text that nearly equals an earlier one.
  public struct NearDuplicate: Sendable, Equatable {
    /// The text in lower case with single spaces, and ` | ` between the texts of a pair.
    public let text: String
    /// The row of the text.
    public let row: Int
    /// The first earlier row that was found to be similar.
    public let earlier: Int
    /// The Jaccard index of the two sets of shingles, from 0 to 1.
    public let similarity: Double

    /// Creates a pair of similar rows.
    public init(text: String, row: Int, earlier: Int, similarity: Double) {
      self.text = text
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
  /// - Parameter similarity: The lowest Jaccard index of the two sets of runs. Below 0.8 some of the pairs
  ///   are not found.
  /// - Returns: At most one earlier row for each text.
  public func nearDuplicates(similarity: Double = 0.8) -> [NearDuplicate] {
    let pairs = shingles.similarPairs(similarity)
    let texts = texts(of: Set(pairs.map(\.row)))
    return pairs.map { pair in
      NearDuplicate(
        text: texts[pair.row] ?? "", row: pair.row, earlier: pair.earlier,
        similarity: pair.similarity)
    }
  }

  private static func words(of text: String) -> [String] {
    text.lowercased().split { $0.isWhitespace }.map(String.init)
  }
}
