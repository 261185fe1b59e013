/// Finds the entities in the labels of a text's tokens, as seqeval does.
package struct EntityScheme: Sendable {
  /// How labels are read.
  package enum Mode: Sendable {
    /// Like the CoNLL-2000 script: an I after another kind of entity, or after O, begins one.
    case lenient
    /// Exactly IOB2: only B begins an entity, and only I of the same kind continues it.
    case strict
  }

  /// Tokens first...last of a text have an entity of the kind.
  package struct Entity: Hashable, Sendable {
    package let kind: Int
    package let first: Int
    package let last: Int
  }

  private enum Prefix: Sendable {
    case begin, inside, end, single, outside, other

    init(_ character: Character?) {
      switch character {
      case "B": self = .begin
      case "I": self = .inside
      case "E": self = .end
      case "S": self = .single
      case "O", ".": self = .outside
      default: self = .other
      }
    }
  }

  private struct Tag {
    let prefix: Prefix
    let kind: Int
  }

  /// The names of the kinds, in the order of their first label.
  package let kinds: [String]
  private let tags: [Tag]
  private let mode: Mode

  /// - Parameters:
  ///   - labels: of the model, as `B-PER`, `I-PER`, `O`.
  ///   - mode: how they are read.
  package init(labels: [String], mode: Mode) {
    var kinds: [String] = []
    tags = labels.map { label in
      let kind = Self.kind(of: label)
      let place = kinds.firstIndex(of: kind) ?? kinds.count
      if place == kinds.count { kinds.append(kind) }
      return Tag(prefix: Prefix(label.first), kind: place)
    }
    self.kinds = kinds
    self.mode = mode
  }

  /// Whether a label other than O has the kind.
  func isEntity(_ kind: Int) -> Bool {
    tags.contains { $0.kind == kind && $0.prefix != .outside }
  }

  /// The text after the first hyphen; `_` if it is empty.
  private static func kind(of label: String) -> String {
    let rest = label.dropFirst()
    let kind = rest.firstIndex(of: "-").map { rest[rest.index(after: $0)...] } ?? rest
    return kind.isEmpty ? "_" : String(kind)
  }

  /// The entities of one text, in their order, from an index of the model's labels for each token.
  package func entities(in labels: some Collection<Int>) -> [Entity] {
    var entities: [Entity] = []
    var open: Int?
    let outside = Tag(prefix: .outside, kind: -1)
    var last = outside
    for (place, label) in labels.enumerated() {
      let tag = tags[label]
      if let first = open, ends(last, before: tag) {
        entities.append(Entity(kind: last.kind, first: first, last: place - 1))
        open = nil
      }
      if begins(tag, after: last) { open = place }
      last = tag
    }
    if let first = open {
      entities.append(Entity(kind: last.kind, first: first, last: labels.count - 1))
    }
    return entities
  }

  private func ends(_ last: Tag, before tag: Tag) -> Bool {
    switch mode {
    case .strict: return tag.prefix != .inside || tag.kind != last.kind
    case .lenient:
      switch last.prefix {
      case .end, .single: return true
      case .outside: return false
      case .begin, .inside:
        if [.begin, .single, .outside].contains(tag.prefix) { return true }
      case .other: break
      }
      return last.kind != tag.kind
    }
  }

  private func begins(_ tag: Tag, after last: Tag) -> Bool {
    switch (mode, tag.prefix) {
    case (_, .begin): return true
    case (.strict, _): return false
    case (_, .single): return true
    case (_, .outside): return false
    case (_, .end), (_, .inside):
      return [.end, .single, .outside].contains(last.prefix) || last.kind != tag.kind
    case (_, .other): return last.kind != tag.kind
    }
  }
}
