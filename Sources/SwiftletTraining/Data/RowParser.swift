import SwiftletRecords

/// Makes examples of the rows of a table or of JSON Lines.
struct RowParser {
  let form: DataForm
  let decision: TaskDecision
  let columns: [String]
  /// Nil for examples in memory.
  let file: String?

  /// Returns what a row has; its values are in the order of ``DataForm/selection``.
  func contents(of row: DataRow) -> RowContents {
    do throws(TrainingError) {
      switch form {
      case .labeled(_, let pair, let label):
        return try labeled(row, hasPair: pair != nil, hasLabel: label != nil)
      case .words: return try words(row)
      case .entities: return try entities(row)
      case .choices: return try choices(row)
      case .similar(let texts, let score):
        return try similar(row, count: texts.count, hasScore: score != nil)
      }
    } catch {
      return .bad(error)
    }
  }

  // MARK: Forms

  private func labeled(
    _ row: DataRow, hasPair: Bool, hasLabel: Bool
  ) throws(TrainingError) -> RowContents {
    let text = try text(row, 0)
    let pair: String? = hasPair ? try self.text(row, 1) : nil
    if text.isBlankText || pair?.isBlankText == true { return .empty }
    let bare = TrainingExample.text(text, pair: pair)
    guard hasLabel, decision.task != .masks else { return .example(bare) }
    let place = hasPair ? 2 : 1
    if decision.task == .multiLabel {
      guard let labels = try labels(row, place) else { return .unlabelled(bare) }
      return .example(.multiLabel(text, pair: pair, labels: labels))
    }
    guard let label = try label(row, place) else { return .unlabelled(bare) }
    guard decision.task == .regression else {
      return .example(.labeled(text, pair: pair, label: label))
    }
    let value = try number(label, row, place)
    return .example(.value(text, pair: pair, value: value))
  }

  private func words(_ row: DataRow) throws(TrainingError) -> RowContents {
    let words = try strings(row, 0)
    let tags = try strings(row, 1)
    guard words.count == tags.count else {
      throw wrong(row, 1, "\(words.count) tags, one for each word", "\(tags.count)")
    }
    return words.allSatisfy(\.isBlankText) ? .empty : .example(.words(words, tags: tags))
  }

  private func entities(_ row: DataRow) throws(TrainingError) -> RowContents {
    let text = try text(row, 0)
    guard case .list(let values) = row.values[1] else {
      if case .missing = row.values[1] { return .unlabelled(.text(text)) }
      throw wrong(row, 1, "a list of entities", row.values[1].kind)
    }
    var entities: [EntityExample] = []
    for value in values { entities.append(try entity(value, row)) }
    return text.isBlankText ? .empty : .example(.entities(text, entities))
  }

  /// Reads `[start, end, label]`, or an object with these keys.
  private func entity(_ value: RowValue, _ row: DataRow) throws(TrainingError) -> EntityExample {
    var parts: [RowValue] = []
    switch value {
    case .list(let values): parts = values
    case .object(let members):
      parts = ["start", "end", "label"].map { key in
        members.last { $0.key == key }?.value ?? .missing
      }
    default: break
    }
    guard parts.count == 3, case .number(let start) = parts[0], case .number(let end) = parts[1],
      case .text(let label) = parts[2], let start = Int(start), let end = Int(end)
    else { throw wrong(row, 1, "entities as [start, end, label]", value.kind) }
    guard 0 <= start, start < end else {
      throw wrong(row, 1, "a start before the end", "[\(start), \(end)]")
    }
    return EntityExample(start..<end, label.trimmed)
  }

  private func choices(_ row: DataRow) throws(TrainingError) -> RowContents {
    let prompt = try text(row, 0)
    let choices = try strings(row, 1)
    guard choices.count > 1 else {
      throw wrong(row, 1, "at least two choices", "\(choices.count)")
    }
    guard let label = try label(row, 2) else { return .unlabelled(.text(prompt)) }
    let number = Int(label).flatMap { choices.indices.contains($0) ? $0 : nil }
    guard let index = number ?? choices.firstIndex(where: { $0.trimmed == label }) else {
      throw wrong(
        row, 2, "the number of a choice from 0 to \(choices.count - 1), or its text",
        TrainingError.quote(label))
    }
    return prompt.isBlankText ? .empty : .example(.choices(prompt, choices: choices, label: index))
  }

  private func similar(
    _ row: DataRow, count: Int, hasScore: Bool
  ) throws(TrainingError) -> RowContents {
    var texts: [String] = []
    for place in 0..<count { texts.append(try text(row, place)) }
    if texts.contains(where: \.isBlankText) { return .empty }
    guard hasScore else { return .example(.similar(texts)) }
    guard let label = try label(row, count) else { return .unlabelled(.similar(texts)) }
    return .example(.similar(texts, score: try number(label, row, count)))
  }

  // MARK: Values

  private func text(_ row: DataRow, _ place: Int) throws(TrainingError) -> String {
    switch row.values[place] {
    case .text(let text): return text
    case .null: return ""
    default: throw wrong(row, place, "a string", row.values[place].kind)
    }
  }

  private func strings(_ row: DataRow, _ place: Int) throws(TrainingError) -> [String] {
    guard case .list(let values) = row.values[place] else {
      throw wrong(row, place, "a list", row.values[place].kind)
    }
    var strings: [String] = []
    for value in values {
      switch value {
      case .text(let text), .number(let text): strings.append(text)
      default: throw wrong(row, place, "a list of strings", "\(value.kind) in it")
      }
    }
    return strings
  }

  /// Returns the label without white space at its ends; nil if there is none.
  private func label(_ row: DataRow, _ place: Int) throws(TrainingError) -> String? {
    switch row.values[place] {
    case .missing, .null: return nil
    case .text(let text), .number(let text), .boolean(let text):
      let label = text.trimmed
      return label.isEmpty ? nil : label
    case .list, .object:
      throw wrong(row, place, "a string or a number", row.values[place].kind)
    }
  }

  /// Returns the labels of one row, each once; an empty list is no label of the set, but a label
  /// that is missing is nil.
  private func labels(_ row: DataRow, _ place: Int) throws(TrainingError) -> [String]? {
    var labels: [String] = []
    if case .list = row.values[place] {
      labels = try strings(row, place)
    } else if let label = try label(row, place) {
      labels = LabelSurvey.parts(of: label, separator: decision.labelSeparator)
    } else {
      return nil
    }
    var unique: [String] = []
    for label in labels.map(\.trimmed) where !label.isEmpty && !unique.contains(label) {
      unique.append(label)
    }
    return unique
  }

  private func number(_ text: String, _ row: DataRow, _ place: Int) throws(TrainingError) -> Double
  {
    guard let value = Double(text), Float(value).isFinite else {
      throw wrong(
        row, place, "a number that fits in 32 bits",
        TrainingError.quote(text) + "; --task classify reads classes")
    }
    return value
  }

  private func wrong(
    _ row: DataRow, _ place: Int, _ expected: String, _ found: String
  ) -> TrainingError {
    let index = form.selection[place]
    let name = columns.indices.contains(index) ? columns[index] : "\(index + 1)"
    return .invalidValue(
      file: file, line: row.line, column: "the column \(TrainingError.quote(name))",
      expected: expected, found: found)
  }
}
