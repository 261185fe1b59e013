import SwiftletJSON

extension RunSummary {
  /// The object that `--summary-file` has: the counts of all rows, and those of each group, the largest
  /// first.
  var json: JSONValue {
    var members = Self.members(of: total)
    if minimumScore != nil || countsAccepted {
      members.append(("undecided", .int(total.undecided)))
    }
    if let minimumScore { members.append(("minimum_score", .float(minimumScore))) }
    members.append(("labels", .array(labels.indices.map(label))))
    guard let groupColumn else { return .object(members) }
    let (groups, others) = largestGroups(self.groups.count)
    let values = groups.map { group(.string($0.value), $0.tally) }
    members.append(("group_by", .string(groupColumn)))
    members.append(("groups", .array(values)))
    members.append(("other_groups", others.map { group(.null, $0) } ?? .null))
    return .object(members)
  }

  private static func members(of tally: RunTally) -> [JSONValue.Member] {
    [
      ("rows", .int(tally.rows)), ("empty", .int(tally.empty)),
      ("truncated", .int(tally.truncated)),
      ("errors", .int(tally.errors)),
    ]
  }

  private func label(_ index: Int) -> JSONValue {
    var members = members(of: total.labels[index], index, in: total)
    if let histograms {
      members.append(("histogram", .array(histograms[index].map(JSONValue.int))))
    }
    return .object(members)
  }

  private func members(
    of label: RunTally.Label, _ index: Int, in tally: RunTally
  ) -> [JSONValue.Member] {
    let share = tally.answered > 0 ? Double(label.count) / Double(tally.answered) : nil
    return [
      ("label", .string(labels[index])), ("rows", .int(label.count)),
      ("share", share.map(JSONValue.double) ?? .null),
      ("mean_score", label.meanScore.map(JSONValue.double) ?? .null),
    ]
  }

  private func group(_ value: JSONValue, _ tally: RunTally) -> JSONValue {
    var all: [JSONValue.Member] = [("value", value)]
    all += Self.members(of: tally)
    if minimumScore != nil || countsAccepted { all.append(("undecided", .int(tally.undecided))) }
    let used = labels.indices.filter { tally.labels[$0].count > 0 }
    all.append(
      ("labels", .array(used.map { .object(members(of: tally.labels[$0], $0, in: tally)) })))
    return .object(all)
  }
}
