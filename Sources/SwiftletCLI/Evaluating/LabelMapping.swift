import ArgumentParser

/// A value of `--map-label`, such as `5=POSITIVE`.
struct MappedLabel: ExpressibleByArgument, Equatable, Sendable {
  let text: String

  init?(argument: String) {
    guard argument.dropFirst().dropLast().contains("=") else { return nil }
    text = argument
  }

  /// The two sides at each equals sign, the last one first, because labels may contain others.
  var splits: [(file: String, model: String)] {
    text.indices.reversed().filter { text[$0] == "=" }.map { sign in
      (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }.filter { !$0.0.isEmpty && !$0.1.isEmpty }
  }
}

/// Finds the model's labels for the words of a file, by `--map-label` first.
struct LabelMapping {
  private struct Entry {
    let label: String
    let index: Int
    let option: String
    var isUsed = false
  }

  let model: LabelIndex
  private var entries: [Entry] = []
  private var exact: [String: Int] = [:]
  private var folded: [String: Int] = [:]
  private let separators: [String]

  /// - Parameters:
  ///   - pairs: The values of --map-label.
  ///   - model: The model's labels.
  ///   - separator: What separates several labels; nil for the usual ones.
  /// - Throws: `CommandFailure` for a label that the model lacks, or a label of the file that is mapped
  ///   twice.
  init(
    _ pairs: [MappedLabel], to model: LabelIndex, separator: String? = nil
  ) throws(CommandFailure) {
    self.model = model
    separators = separator.map { [$0] } ?? [",", ";", "|"]
    for pair in pairs {
      let (label, index) = try Self.resolved(pair, model)
      guard exact.updateValue(entries.count, forKey: label) == nil else {
        throw CommandFailure(
          "--map-label \(pair.text): \"\(label)\" is mapped twice; remove one of them", .usage)
      }
      if folded[label.lowercased()] == nil { folded[label.lowercased()] = entries.count }
      entries.append(Entry(label: label, index: index, option: pair.text))
    }
  }

  private static func resolved(
    _ pair: MappedLabel, _ model: LabelIndex
  ) throws(CommandFailure) -> (label: String, index: Int) {
    for split in pair.splits {
      if let index = model(split.model) { return (trimmed(split.file), index) }
    }
    let last = pair.splits.first ?? (pair.text, pair.text)
    let hint =
      model(last.file) == nil
      ? "the model has \(model.summary)"
      : "the file's label comes first: --map-label \(last.model)=\(last.file)"
    throw CommandFailure(
      "--map-label \(DisplayText.shorten(pair.text, to: 80)): the model has no label"
        + " \"\(DisplayText.shorten(last.model, to: 40))\"; \(hint)", .usage)
  }

  /// The index of the model's label for one label of a file; nil for an unknown one.
  mutating func callAsFunction(_ label: String) -> Int? {
    let name = Self.trimmed(label)
    guard let place = exact[name] ?? folded[name.lowercased()] ?? number(name) else {
      return model(name)
    }
    entries[place].isUsed = true
    return entries[place].index
  }

  /// The mapping of a number that pandas wrote with a fraction: `5.0` for `5`.
  private func number(_ name: String) -> Int? {
    guard !exact.isEmpty, let value = Double(name), value == value.rounded(), abs(value) < 1e15
    else { return nil }
    return exact[String(Int(value))]
  }

  /// The indices of the labels of a row that may have several, in the model's order; nil if one is
  /// unknown. An empty field is a row without labels.
  mutating func several(_ field: String) -> [Int]? {
    let name = Self.trimmed(field)
    if name.isEmpty { return [] }
    if let index = self(name) { return [index] }
    for separator in separators where name.contains(separator) {
      if let indices = several(name.split(separator: separator).map(String.init)) { return indices }
    }
    return nil
  }

  /// The indices of a list of labels, in the model's order; nil if one is unknown.
  mutating func several(_ labels: [String]) -> [Int]? {
    var indices: Set<Int> = []
    for label in labels {
      guard let index = self(label) else { return nil }
      indices.insert(index)
    }
    return indices.sorted()
  }

  /// The values of --map-label whose label no row had.
  var unused: [String] { entries.filter { !$0.isUsed }.map(\.option) }

  static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
