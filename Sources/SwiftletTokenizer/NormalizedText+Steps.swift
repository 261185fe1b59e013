extension NormalizedText {
  // MARK: Unicode's normalization forms

  /// Decomposes, puts marks in order, and composes if the form says so.
  ///
  /// The reference gives out source bytes by position, not by scalar: a scalar that is the first of
  /// its decomposition takes the next source in line, any other the source taken last. After
  /// reordering that can be another one's; offsets must agree, so it is done the same way here. What
  /// composing joins passes over as many sources as the parts had, less the one it takes.
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

  /// Takes a scalar that comes from number `source` of an earlier text, or from before its first.
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

  /// The new text comes from the last scalar of the old, as in the reference.
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

  /// The new text comes from the first scalar, as in the reference; with nothing to put before it
  /// that scalar itself comes from nowhere.
  mutating func prepend(_ text: [UInt32]) {
    guard !scalars.isEmpty else { return }
    let old = takeAll()
    for scalar in text { append(scalar, old, 0) }
    append(old.scalars[0], old, text.isEmpty ? -1 : 0)
    for index in 1..<old.scalars.count { append(old.scalars[index], old, index) }
  }
}
