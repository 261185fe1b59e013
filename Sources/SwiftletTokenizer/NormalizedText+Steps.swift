extension NormalizedText {
  // MARK: Unicode's normalization forms

  /// Decomposes, orders marks, and composes if the form requires it.
  ///
  /// Like the reference, it assigns sources by position, not by scalar: the first scalar of a
  /// decomposition takes the next source, any other scalar the previous one. After reordering that
  /// can be another scalar's source; offsets must agree with the reference. A composite takes one
  /// source and skips those of its other parts.
  mutating func normalize(to form: UnicodeForm) {
    var items = Self.decomposed(scalars, isCompatible: form.isCompatible)
    if form.composes { items = CanonicalComposition.compose(items) }
    let old = takeAll()
    var next = 0
    for item in items {
      if item.change > 0 {
        append(item.scalar, old, next - 1)
      } else {
        append(item.scalar, old, next)
        next = min(next + 1 - item.change, old.scalars.count)
      }
    }
  }

  /// Appends a scalar with the offsets of scalar `source` of an earlier text, or the origin if -1.
  private mutating func append(_ scalar: UInt32, _ old: NormalizedText, _ source: Int) {
    guard old.starts.indices.contains(source) else { return append(scalar, origin, origin) }
    append(scalar, old.starts[source], old.ends[source])
  }

  private static func decomposed(
    _ scalars: [UInt32], isCompatible: Bool
  ) -> [CanonicalOrdering.Item] {
    var ordered = CanonicalOrdering()
    var items: [CanonicalOrdering.Item] = []
    items.reserveCapacity(scalars.count)
    for scalar in scalars {
      if isCompatible, let parts = NormalizationTables.compatibilityParts(of: scalar) {
        for (number, part) in parts.enumerated() {
          ordered.add(part, isFirst: number == 0, to: &items)
        }
        continue
      }
      guard ScalarProperties(of: scalar).contains(.decomposes) else {
        ordered.add(scalar, isFirst: true, to: &items)
        continue
      }
      let parts = UnicodeTables.decomposition(scalar)
      for part in 0..<parts.count {
        ordered.add(parts[part], isFirst: part == 0, to: &items)
      }
    }
    ordered.flush(to: &items)
    return items
  }

  // MARK: Plain text

  mutating func strip(left: Bool, right: Bool) {
    func isSpace(_ scalar: UInt32) -> Bool { ScalarProperties(of: scalar).contains(.whitespace) }
    let first = left ? scalars.firstIndex { !isSpace($0) } ?? scalars.count : 0
    let last = right ? scalars.lastIndex { !isSpace($0) } ?? -1 : scalars.count - 1
    keep(first..<max(first, last + 1))
  }

  /// Replaces every occurrence; the new text has the offsets of the old one's last scalar, as in
  /// the reference.
  mutating func replace(_ pattern: [UInt32], with content: [UInt32]) {
    let old = takeAll()
    var index = 0
    while index < old.scalars.count {
      let end = index + pattern.count
      if end <= old.scalars.count, old.scalars[index..<end].elementsEqual(pattern) {
        for scalar in content { append(scalar, old, end - 1) }
        index = end
      } else {
        append(old.scalars[index], old, index)
        index += 1
      }
    }
  }

  /// Inserts a text with the offsets of the first scalar, as in the reference, where an empty text
  /// sets that scalar's offsets to the origin.
  mutating func prepend(_ text: [UInt32]) {
    guard !scalars.isEmpty else { return }
    let old = takeAll()
    for scalar in text { append(scalar, old, 0) }
    append(old.scalars[0], old, text.isEmpty ? -1 : 0)
    for index in 1..<old.scalars.count { append(old.scalars[index], old, index) }
  }
}
