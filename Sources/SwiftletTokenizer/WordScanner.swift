/// Normalizes and splits text in one pass: `BertNormalizer` and `BertPreTokenizer` together.
///
/// BERT's normalizer treats one scalar at a time, except for canonical ordering, which reorders
/// combining marks. Almost always all marks of a run are stripped. Only if one remains (a mark
/// newer than the reference's tables, or one of a few spacing marks), ``sortRun`` orders the run
/// first.
struct WordScanner: Sendable {
  let normalization: BertNormalization
  private let table: ASCIITable
  private let stripsAccents: Bool

  init(_ normalization: BertNormalization) {
    self.normalization = normalization
    table = ASCIITable(normalization)
    stripsAccents = normalization.effectivelyStripsAccents
  }

  /// Appends the words of `text[range]` to `words` and finishes the last one.
  func scan<Sink>(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ words: inout WordCollector<Sink>
  ) {
    var offset = range.lowerBound
    let end = range.upperBound
    while true {
      offset = words.appendPlain(text, from: offset, to: end, table)
      guard offset < end else { break }
      let action = table[text[offset]]
      switch action {
      case ASCIITable.separator:
        words.finishWord()
        offset += 1
      case ASCIITable.dropped:
        offset += 1
      case ASCIITable.beyond:
        offset = scanScalar(text, offset, end, &words)
      case ASCIITable.punctuation...:
        words.appendAlone(UInt32(action & 0xFF), offset, offset + 1)
        offset += 1
      default: break  // the collector stopped to grow its buffer
      }
    }
    words.finishWord()
  }

  /// Scans one scalar outside ASCII, or a run of combining marks; returns its end.
  private func scanScalar<Sink>(
    _ text: UnsafeBufferPointer<UInt8>,
    _ start: Int,
    _ limit: Int,
    _ words: inout WordCollector<Sink>
  ) -> Int {
    let (scalar, length) = UTF8Scalars.decode(text, at: start)
    let end = start + length
    let properties = ScalarProperties(of: scalar)
    if normalization.cleansText, properties.contains(.dropped) { return end }
    let isAlone = normalization.isolatesChinese && isChinese(scalar)
    if isAlone { words.finishWord() }
    defer { if isAlone { words.finishWord() } }
    if properties.isDisjoint(with: .needsWork) {
      words.append(scalar, start, end)
      return end
    }
    guard stripsAccents, !properties.isDisjoint(with: [.decomposes, .nonstarter, .nonspacingMark])
    else {
      emit(scalar, properties, start, end, &words)
      return end
    }
    return decompose(scalar, properties, text, start, end, limit, &words)
  }

  /// Lower-cases an otherwise normalized scalar and appends it.
  private func emit<Sink>(
    _ scalar: UInt32,
    _ properties: ScalarProperties,
    _ start: Int,
    _ end: Int,
    _ words: inout WordCollector<Sink>
  ) {
    if normalization.lowercases, properties.contains(.lowercases) {
      if scalar == 0x130 {
        words.append(0x69, start, end)
        words.append(0x307, start, end)
        return
      }
      let lower = UnicodeTables.lowercase(scalar)
      return place(lower, ScalarProperties(of: lower), start, end, &words)
    }
    place(scalar, properties, start, end, &words)
  }

  private func place<Sink>(
    _ scalar: UInt32,
    _ properties: ScalarProperties,
    _ start: Int,
    _ end: Int,
    _ words: inout WordCollector<Sink>
  ) {
    if properties.contains(.whitespace) {
      words.finishWord()
    } else if properties.contains(.punctuation) {
      words.appendAlone(scalar, start, end)
    } else {
      words.append(scalar, start, end)
    }
  }

  // MARK: Accents

  private func decompose<Sink>(
    _ scalar: UInt32,
    _ properties: ScalarProperties,
    _ text: UnsafeBufferPointer<UInt8>,
    _ start: Int,
    _ end: Int,
    _ limit: Int,
    _ words: inout WordCollector<Sink>
  ) -> Int {
    guard properties.contains(.decomposes) else {
      if properties.contains(.nonstarter) {
        return scanRun(text, start, skipping: 0, limit, &words)
      }
      if !properties.contains(.nonspacingMark) { emit(scalar, properties, start, end, &words) }
      return end
    }
    let parts = UnicodeTables.decomposition(scalar)
    for part in 0..<parts.count {
      let properties = ScalarProperties(of: parts[part])
      if properties.contains(.nonstarter) {
        return scanRun(text, start, skipping: part, limit, &words)
      }
      if !properties.contains(.nonspacingMark) {
        emit(parts[part], properties, start, end, &words)
      }
    }
    return end
  }

  /// Scans a run of non-starters, which begins with part `skipping` of the scalar at `start`;
  /// returns its end.
  private func scanRun<Sink>(
    _ text: UnsafeBufferPointer<UInt8>,
    _ start: Int,
    skipping: Int,
    _ limit: Int,
    _ words: inout WordCollector<Sink>
  ) -> Int {
    var stays = false
    let end = forEachInRun(text, start, skipping: skipping, limit) { part, _, _, _ in
      if !ScalarProperties(of: part).contains(.nonspacingMark) { stays = true }
    }
    if stays { sortRun(text, start, skipping: skipping, limit, &words) }
    return end
  }

  /// Orders a run and appends the scalars that are not stripped.
  ///
  /// Sources are assigned by position, as in ``NormalizedText/normalize(to:)``.
  private func sortRun<Sink>(
    _ text: UnsafeBufferPointer<UInt8>,
    _ start: Int,
    skipping: Int,
    _ limit: Int,
    _ words: inout WordCollector<Sink>
  ) {
    var ordered = CanonicalOrdering()
    var items: [CanonicalOrdering.Item] = []
    var sources: [Range<Int>] = []
    _ = forEachInRun(text, start, skipping: skipping, limit) { part, isFirst, start, end in
      if isFirst || sources.isEmpty { sources.append(start..<end) }
      ordered.add(part, isFirst: isFirst, to: &items)
    }
    ordered.flush(to: &items)
    var taken = skipping > 0 ? 1 : 0
    for item in items {
      if item.isFirst { taken += 1 }
      let properties = ScalarProperties(of: item.scalar)
      guard !properties.contains(.nonspacingMark) else { continue }
      let source = sources[max(taken, 1) - 1]
      emit(item.scalar, properties, source.lowerBound, source.upperBound, &words)
    }
  }

  /// Calls `body` with every non-starter of a run, whether it is the first of its source scalar,
  /// and that scalar's byte range; returns the end of the run.
  ///
  /// Scalars removed by text cleaning don't end a run.
  private func forEachInRun(
    _ text: UnsafeBufferPointer<UInt8>,
    _ start: Int,
    skipping: Int,
    _ limit: Int,
    _ body: (UInt32, Bool, Int, Int) -> Void
  ) -> Int {
    var (offset, skipping) = (start, skipping)
    while offset < limit {
      let (scalar, length) = UTF8Scalars.decode(text, at: offset)
      let properties = ScalarProperties(of: scalar)
      let end = offset + length
      if normalization.cleansText, properties.contains(.dropped) {
        offset = end
        continue
      }
      guard properties.contains(.nonstarter) || skipping > 0 else { break }
      if properties.contains(.decomposes) {
        let parts = UnicodeTables.decomposition(scalar)
        for part in skipping..<parts.count { body(parts[part], part == 0, offset, end) }
      } else {
        body(scalar, true, offset, end)
      }
      skipping = 0
      offset = end
    }
    return offset
  }
}
