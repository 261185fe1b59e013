import SwiftletRecords

/// What the labels of a file look like, which decides the task.
///
/// The rules, in this order: lists, or labels joined by a separator, are several labels for each
/// text; numbers of which some have a fraction are values; whole numbers are classes, unless there
/// are more than ``classLimit`` and they do not count from 0 or 1; everything else is classes.
struct LabelSurvey {
  /// More whole numbers than this are values, unless they count from 0 or 1.
  static let classLimit = 50
  /// Different labels beyond this number are counted no more.
  private static let distinctLimit = 100_000
  private static let separators = [",", ";", "|"]

  private(set) var rowCount = 0
  private var hasLists = false
  private var areNumbers = true
  private var haveFractions = false
  private var distinct: Set<String> = []

  /// Adds the label of one row; rows without a label do not count.
  mutating func add(_ value: RowValue) {
    switch value {
    case .list:
      rowCount += 1
      hasLists = true
    case .text(let text), .number(let text), .boolean(let text): add(text.trimmed)
    case .missing, .null, .object: break
    }
  }

  private mutating func add(_ label: String) {
    guard !label.isEmpty else { return }
    rowCount += 1
    if distinct.count < Self.distinctLimit { distinct.insert(label) }
    guard areNumbers else { return }
    if let value = Double(label), value.isFinite {
      if value != value.rounded() { haveFractions = true }
    } else {
      areNumbers = false
    }
  }

  /// Splits the label of a row at the separator; without one it is a single label.
  static func parts(of label: String, separator: String?) -> [String] {
    guard let separator, !separator.isEmpty else { return [label] }
    let (text, mark) = (Array(label.utf8), Array(separator.utf8))
    var parts: [String] = []
    var (start, index) = (0, 0)
    while index + mark.count <= text.count {
      if text[index..<index + mark.count].elementsEqual(mark) {
        parts.append(String(decoding: text[start..<index], as: UTF8.self).trimmed)
        index += mark.count
        start = index
      } else {
        index += 1
      }
    }
    return parts + [String(decoding: text[start...], as: UTF8.self).trimmed]
  }

  /// The separator that joins labels which, for the most part, also occur alone.
  var separator: String? {
    Self.separators.first { separator in
      var (parts, alone): (Set<String>, Set<String>) = ([], [])
      for label in distinct {
        let found = Self.parts(of: label, separator: separator)
        guard !found.contains("") else { return false }
        parts.formUnion(found)
        if found.count == 1 { alone.insert(label) }
      }
      let joined = distinct.count - alone.count
      return joined > 0 && 2 * alone.count >= parts.count
    }
  }

  /// Decides the task and says why.
  func decision(separator given: String?) -> TaskDecision {
    if hasLists { return TaskDecision(task: .multiLabel, reason: "the labels are lists") }
    if let given {
      return TaskDecision(
        task: .multiLabel, reason: "--label-separator separates labels", labelSeparator: given)
    }
    if areNumbers, rowCount > 0 { return numberDecision }
    if let separator {
      return TaskDecision(
        task: .multiLabel,
        reason:
          "labels are joined by \"\(separator)\"; --task classify reads each combination as one"
          + " class", labelSeparator: separator)
    }
    return TaskDecision(task: .classification, reason: "the labels are \(distinct.count) names")
  }

  private var numberDecision: TaskDecision {
    if haveFractions {
      return TaskDecision(
        task: .regression,
        reason: "the labels are numbers with fractions; --task classify reads \(distinct.count)"
          + " classes")
    }
    let isFew = distinct.count <= Self.classLimit
    guard isFew || countsUp else {
      return TaskDecision(
        task: .regression,
        reason: "the labels are \(distinct.count) different whole numbers; --task classify reads"
          + " them as classes")
    }
    return TaskDecision(
      task: .classification,
      reason: "the labels are \(distinct.count) different whole numbers; --task regression reads"
        + " them as values")
  }

  /// Whether the numbers are 0, 1, 2 … or 1, 2, 3 … without a gap, several rows for each.
  private var countsUp: Bool {
    let numbers = distinct.compactMap { Double($0) }
    guard let first = numbers.min(), let last = numbers.max(), first == 0 || first == 1 else {
      return false
    }
    return last - first + 1 == Double(numbers.count) && rowCount >= 2 * numbers.count
  }
}
