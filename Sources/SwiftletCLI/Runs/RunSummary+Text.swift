/// The summary for people, and as JSON.
extension RunSummary {
  /// The groups that are shown; others are one line.
  private static var shownGroups: Int { 20 }
  /// More labels than this have no columns of their own in the table of groups.
  private static var shownColumns: Int { 4 }
  /// Labels without rows are left out of longer lists.
  private static var shownLabels: Int { 20 }

  /// A line with the rows, a table of the labels, and a table of the groups.
  func text(on terminal: Terminal) -> String {
    var text = rowLine + "\n" + labelTable.text(on: terminal)
    if let undecidedLine { text += undecidedLine + "\n" }
    if groupColumn != nil { text += groupTable.text(on: terminal) }
    return text
  }

  private var rowLine: String {
    var parts = ["\(NumberText.grouped(total.rows)) \(total.rows == 1 ? "row" : "rows")"]
    let counts = [(total.empty, "empty"), (total.truncated, "cut"), (total.errors, "with errors")]
    parts += counts.filter { $0.0 > 0 }.map { "\(NumberText.grouped($0.0)) \($0.1)" }
    return parts.joined(separator: ", ")
  }

  private var undecidedLine: String? {
    guard countsAccepted || minimumScore != nil else { return nil }
    let rows = "\(NumberText.grouped(total.undecided)) \(total.undecided == 1 ? "row" : "rows")"
    let share = "\(rows) (\(Self.share(total.undecided, of: total.answered)))"
    if let minimumScore, !countsAccepted { return "\(share) below --minimum-score \(minimumScore)" }
    return share + (minimumScore == nil ? " without an accepted label" : " without a decision")
  }

  private static func share(_ count: Int, of all: Int) -> String {
    all > 0 ? NumberText.percent(Double(count) / Double(all), digits: 1) : "-"
  }

  private static func mean(_ label: RunTally.Label) -> String {
    label.meanScore.map { NumberText.fixed($0, digits: 4) } ?? "-"
  }

  // MARK: Labels

  private var labelTable: TextGrid {
    var grid = TextGrid(alignments: [.left, .right, .right, .right, .left])
    let title = histograms == nil ? [] : ["scores 0…1"]
    grid.add([countsAccepted ? "accepted" : "label", "rows", "share", "mean score"] + title)
    let hidesUnused = labels.count > Self.shownLabels
    for (index, tally) in total.labels.enumerated() where tally.count > 0 || !hidesUnused {
      grid.add(
        [
          DisplayText.shorten(labels[index], to: 40), NumberText.grouped(tally.count),
          Self.share(tally.count, of: total.answered), Self.mean(tally),
        ] + (histograms.map { [Self.bars($0[index])] } ?? []))
    }
    return grid
  }

  /// A bar for each count, as high as its share of the largest one; a point for none.
  static func bars(_ counts: [Int]) -> String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    let most = max(counts.max() ?? 0, 1)
    return String(counts.map { $0 == 0 ? "·" : blocks[($0 * 8 - 1) / most] })
  }

  // MARK: Groups

  private var groupTable: TextGrid {
    let showsUndecided = undecidedLine != nil
    let ends = ["mean score"] + (showsUndecided ? [countsAccepted ? "none" : "below"] : [])
    let columns = labels.count <= Self.shownColumns ? labels : ["most frequent", "share"]
    let names = [DisplayText.shorten(groupColumn ?? "", to: 40), "rows"]
    var grid = TextGrid(
      alignments: [.left, .right]
        + columns.map { $0 == "most frequent" ? .left : .right } + ends.map { _ in .right })
    grid.add(names + columns.map { DisplayText.shorten($0, to: 20) } + ends)
    let (shown, others) = largestGroups(Self.shownGroups)
    for (value, tally) in shown {
      let name = DisplayText.shorten(value, to: 40)
      grid.add(cells(of: tally, named: name.isEmpty ? "(empty)" : name, showsUndecided))
    }
    if let others { grid.add(cells(of: others, named: "(others)", showsUndecided)) }
    return grid
  }

  private func cells(of tally: RunTally, named name: String, _ showsUndecided: Bool) -> [String] {
    var all = RunTally.Label()
    for label in tally.labels {
      all.count += label.count
      all.scoreSum += label.scoreSum
    }
    return [name, NumberText.grouped(tally.rows)] + shares(of: tally) + [Self.mean(all)]
      + (showsUndecided ? [NumberText.grouped(tally.undecided)] : [])
  }

  private func shares(of tally: RunTally) -> [String] {
    guard labels.count > Self.shownColumns else {
      return tally.labels.map { Self.share($0.count, of: tally.answered) }
    }
    var best = 0
    for index in labels.indices where tally.labels[index].count > tally.labels[best].count {
      best = index
    }
    guard tally.labels[best].count > 0 else { return ["-", "-"] }
    return [
      DisplayText.shorten(labels[best], to: 20),
      Self.share(tally.labels[best].count, of: tally.answered),
    ]
  }
}
