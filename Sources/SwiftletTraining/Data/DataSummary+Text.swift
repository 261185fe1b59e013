extension DataSummary {
  /// The lines of the plan about the data, without the warnings.
  package var lines: [String] {
    var lines: [String] = []
    for file in files { lines.append("file: \(file.path)") }
    if let format { lines.append("format: \(format.format.rawValue); \(format.reason)") }
    if let columns { lines.append("columns: \(columns)") }
    lines.append("task: \(task.task.phrase); \(task.reason)")
    lines.append("rows: \(rowText)")
    if let labelText { lines.append("labels: \(labelText)") }
    lines.append("tokens: \(tokenText)")
    return lines
  }

  private var rowText: String {
    var parts = ["\(Self.number(trainingCount)) for training"]
    if task.task == .questions {
      parts[0] +=
        " (\(Self.number(exampleCount)) questions, cut in windows of \(maxLength) tokens, before the split)"
    }
    if validationCount > 0 { parts.append("\(Self.number(validationCount)) for validation") }
    if duplicates > 0 { parts.append("\(Self.number(duplicates)) duplicates") }
    if conflicts > 0 { parts.append("\(Self.number(conflicts)) with contradicting labels") }
    if overlap > 0 { parts.append("\(Self.number(overlap)) in both parts") }
    for rows in skipped {
      parts.append("\(Self.number(rows.count)) left out, which \(rows.reason)")
    }
    return parts.joined(separator: ", ")
  }

  /// The labels with their shares of all labelled rows or words, at most twelve of them.
  private var labelText: String? {
    guard let labelCounts, !labels.isEmpty else { return nil }
    let total = max(1, labelCounts.counts.reduce(0, +))
    guard labelCounts.counts.contains(where: { $0 > 0 }) else {
      return "\(labels.count), \(labelOrder); no row has one"
    }
    let shown = zip(labels, labelCounts.counts).prefix(12).map { name, count in
      "\(name) \(Self.number(count)) (\(Self.percent(Double(count) / Double(total))))"
    }
    let rest = labels.count - shown.count
    return "\(labels.count), \(labelOrder): " + shown.joined(separator: ", ")
      + (rest > 0 ? " and \(rest) more" : "")
  }

  private var tokenText: String {
    "median \(tokens.quantile(0.5)), 99 % have at most \(tokens.quantile(0.99)), longest"
      + " \(Self.number(tokens.longest)); "
      + (tokens.cutSequences == 0
        ? "no text is cut at \(maxLength)"
        : "\(Self.percent(tokens.cutSequenceShare)) of the texts and"
          + " \(Self.percent(tokens.cutTokenShare)) of the tokens are cut at \(maxLength)")
  }

  /// A number with commas between thousands.
  private static func number(_ value: Int) -> String {
    let digits = Array("\(value)")
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// A share in per cent with one decimal; a share above 0 is at least 0.1 %.
  private static func percent(_ share: Double) -> String {
    let tenths = share > 0 ? max(1, Int((share * 1000).rounded())) : 0
    return "\(tenths / 10).\(tenths % 10) %"
  }
}
