import SwiftletSystem

/// Looks up a model's labels by the words of a file.
struct LabelIndex: Sendable {
  let labels: [String]
  private let exact: [String: Int]
  /// The labels in lower case without surrounding space; nil where several are equal.
  private let folded: [String: Int?]
  /// The labels that are whole numbers, as `1.0`, by their integers; nil where several are equal.
  private let whole: [Int: Int?]
  private let notes = LabelNotes()

  init(_ labels: [String]) {
    self.labels = labels
    exact = Dictionary(zip(labels, labels.indices)) { first, _ in first }
    folded = Self.unique(labels.map(Self.folded))
    whole = Self.unique(labels.map(Self.integer))
  }

  /// Returns the index of each key, nil for a key that several labels have.
  private static func unique<Key: Hashable>(_ keys: [Key?]) -> [Key: Int?] {
    let pairs = keys.enumerated().compactMap { index, key in key.map { ($0, Optional(index)) } }
    return Dictionary(pairs) { _, _ in nil }
  }

  /// The label's index; nil if no label fits, or several do.
  ///
  /// A label is found by its exact name, by its name in another case or with space around it, or by
  /// its number, also as pandas writes it: `1.0`, and `True` or `False` for two labels.
  func callAsFunction(_ text: String) -> Int? {
    if let index = exact[text] { return index }
    let name = Self.folded(text)
    if let found = folded[name] {
      guard let index = found else { return nil }
      notes.add(.spelling, "\"\(text)\" is read as the label \"\(labels[index])\"")
      return index
    }
    if let number = Self.integer(name), let index = index(of: number) {
      if Int(name) == nil {
        notes.add(.decimal, "\"\(text)\" is read as the label \(phrase(index))")
      }
      return index
    }
    guard labels.count == 2, let number = ["false": 0, "true": 1][name],
      let index = index(of: number)
    else { return nil }
    notes.add(.boolean, "\"\(text)\" is read as the label \(phrase(index))")
    return index
  }

  /// Returns the label whose name is a number, or else the label with that number.
  private func index(of number: Int) -> Int? {
    if let found = whole[number] { return found }
    return labels.indices.contains(number) ? number : nil
  }

  /// Returns new notes about labels that are not written as the model's; each kind of difference is
  /// noted once, with its first example.
  func takeNotes() -> [String] { notes.take() }

  /// The labels in a message, by number and name: `0 NEGATIVE, 1 POSITIVE`.
  var summary: String {
    let shown = labels.indices.prefix(8).map(phrase)
    let rest = labels.count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  private func phrase(_ index: Int) -> String { "\(index) \(labels[index])" }

  private static func folded(_ text: String) -> String {
    var rest = text[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return rest.lowercased()
  }

  /// Returns the value of an integer, or of a decimal number whose fraction is zero.
  private static func integer(_ text: String) -> Int? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return Int(text) }
    return parts[1].utf8.allSatisfy { $0 == UInt8(ascii: "0") } ? Int(parts[0]) : nil
  }
}

/// The differences between the labels of a file and those of a model.
private final class LabelNotes: @unchecked Sendable {
  enum Difference { case spelling, decimal, boolean }

  private let lock = ConditionLock()
  // Guarded by the lock.
  private var seen: Set<Difference> = []
  private var new: [String] = []

  func add(_ difference: Difference, _ note: @autoclosure () -> String) {
    lock.withLock {
      if seen.insert(difference).inserted { new.append(note()) }
    }
  }

  func take() -> [String] {
    lock.withLock {
      defer { new = [] }
      return new
    }
  }
}
