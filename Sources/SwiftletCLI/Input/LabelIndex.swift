/// Looks up a model's labels by the words of a file.
struct LabelIndex: Sendable {
  let labels: [String]
  private let exact: [String: Int]
  private let folded: [String: Int]

  init(_ labels: [String]) {
    self.labels = labels
    exact = Dictionary(zip(labels, labels.indices)) { first, _ in first }
    folded = Dictionary(zip(labels.map { $0.lowercased() }, labels.indices)) { first, _ in first }
  }

  /// The label's index: by its exact name, by its name in any case, or by its number.
  func callAsFunction(_ text: String) -> Int? {
    let name = Self.trimmed(text)
    if let index = exact[name] ?? folded[name.lowercased()] { return index }
    guard let number = Int(name), labels.indices.contains(number) else { return nil }
    return number
  }

  /// The labels in a message, by number and name: `0 NEGATIVE, 1 POSITIVE`.
  var summary: String {
    let shown = labels.enumerated().prefix(8).map { "\($0.offset) \($0.element)" }
    let rest = labels.count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  private static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
