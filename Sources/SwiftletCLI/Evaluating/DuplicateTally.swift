import SwiftletTraining

/// Collects the texts of the evaluated file and of a second one, and finds those that occur twice.
struct DuplicateTally {
  /// Where a text occurs.
  struct Place {
    let isOtherFile: Bool
    let line: Int
    /// As the model has it, or as the file does for a label that the model lacks; empty without a label.
    let label: String
  }

  /// A text and all its places.
  struct Group {
    let text: String
    let places: [Place]

    /// Whether the second file has the text too.
    var isShared: Bool { places.contains { $0.isOtherFile } }
    /// The rows of the evaluated file.
    var ownCount: Int { places.count { !$0.isOtherFile } }
    /// The different labels, in the order in which they occur.
    var labels: [String] {
      var labels: [String] = []
      for place in places where !place.label.isEmpty && !labels.contains(place.label) {
        labels.append(place.label)
      }
      return labels
    }
  }

  /// A text that nearly equals an earlier one.
  struct NearPair {
    let text: String
    let place: Place
    let earlier: Place
    let similarity: Double
  }

  private var search = DuplicateTexts()
  private var lines: [Int32] = []
  private var otherCount = 0
  private var labelNumbers: [Int32] = []
  private var labels: [String] = []
  private var numbers: [String: Int32] = [:]

  /// The name of the second file; nil without `--against`.
  let otherFile: String?

  init(otherFile: String?) { self.otherFile = otherFile }

  /// Adds a row of the second file; these come before those of the evaluated file.
  mutating func addOther(_ text: String, pair: String?, line: Int, label: String) {
    add(text, pair: pair, line: line, label: label)
    otherCount += 1
  }

  /// Adds a row of the evaluated file.
  mutating func add(_ text: String, pair: String?, line: Int, label: String) {
    search.add(text, pair: pair)
    lines.append(Int32(clamping: line))
    if let number = numbers[label] {
      labelNumbers.append(number)
    } else {
      numbers[label] = Int32(labels.count)
      labelNumbers.append(Int32(labels.count))
      labels.append(label)
    }
  }

  private func place(_ row: Int) -> Place {
    Place(
      isOtherFile: row < otherCount, line: Int(lines[row]), label: labels[Int(labelNumbers[row])])
  }

  /// The texts of the evaluated file that occur more than once in it, or in the second file too. Those
  /// with different labels come first.
  func groups() -> [Group] {
    let all = search.groups.map { Group(text: $0.text, places: $0.rows.map(place)) }
      .filter { $0.ownCount > 0 }
    return all.filter { $0.labels.count > 1 } + all.filter { $0.labels.count < 2 }
  }

  /// The texts of the evaluated file that nearly equal an earlier one.
  func nearPairs() -> [NearPair] {
    search.nearDuplicates().filter { $0.row >= otherCount }.map { pair in
      NearPair(
        text: pair.text, place: place(pair.row), earlier: place(pair.earlier),
        similarity: pair.similarity)
    }
  }
}

/// What ``DuplicateTally`` found.
struct DuplicateReport {
  let groups: [DuplicateTally.Group]
  let near: [DuplicateTally.NearPair]
  let file: String
  let otherFile: String?

  init(_ tally: DuplicateTally, file: String) {
    groups = tally.groups()
    near = tally.nearPairs()
    self.file = file
    otherFile = tally.otherFile
  }

  /// The texts that the file itself has more than once.
  var repeated: [DuplicateTally.Group] { groups.filter { $0.ownCount > 1 } }
  /// The texts that the second file has too.
  var shared: [DuplicateTally.Group] { groups.filter(\.isShared) }

  /// `dev.csv:3` with two files, otherwise `3`.
  func name(of place: DuplicateTally.Place) -> String {
    guard let otherFile else { return String(place.line) }
    return "\(place.isOtherFile ? otherFile : file):\(place.line)"
  }
}
