extension TableDialect {
  /// Detects what `choice` does not set from the next bytes of `source`, of which it consumes only
  /// a first line `sep=…`. `own` is the separator of the file's format; `names` are the selected
  /// columns.
  init(
    of source: ByteSource, own: UInt8, choice: DialectChoice, names: [String]
  ) throws(RecordError) {
    let bytes = try source.lookAhead()
    let line = Self.separatorLine(bytes)
    let escape: UInt8? = if case .byte(let byte) = choice.escape { byte } else { nil }
    let rest = UnsafeBufferPointer(rebasing: bytes[(line?.count ?? 0)...])
    let isWhole = source.isAtEnd
    separator =
      choice.separator ?? line?.separator
      ?? Self.separator(
        of: rest, own: own, quoting: choice.quoting, escape: escape, names: names, isWhole: isWhole)
    quoting = choice.quoting ?? (Self.hasTextQuotes(separator) ? nil : .double)
    self.escape = escape
    isEscapeGiven = choice.escape != nil
    if separator == Self.tab, quoting != .double {
      returnEndsRow = rest.contains(Self.carriageReturn) && !rest.contains(Self.lineFeed)
    }
    isSeparatorGiven = choice.separator != nil || line != nil
    hasSeparatorLine = line != nil
    if let line { source.consume(line.count) }
  }

  /// Parses a first line `sep=;`, which Excel reads and writes; returns its separator, any ASCII
  /// byte, and its length with the line break.
  private static func separatorLine(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) -> (separator: UInt8, count: Int)? {
    let isQuoted = bytes.first == quote
    let start = isQuoted ? 1 : 0
    let key = Array("sep=".utf8)
    var end = start + key.count
    guard bytes.count > end, bytes[start..<end].map({ $0 | 0x20 }) == key.map({ $0 | 0x20 }) else {
      return nil
    }
    let separator = bytes[end]
    guard DialectChoice.isSeparator(separator) else { return nil }
    end += 1
    if isQuoted {
      guard end < bytes.count, bytes[end] == quote else { return nil }
      end += 1
    }
    if end < bytes.count, bytes[end] == carriageReturn { end += 1 }
    if end < bytes.count, bytes[end] == lineFeed {
      end += 1
    } else if end < bytes.count, bytes[end - 1] != carriageReturn {
      return nil
    }
    return (separator, end)
  }

  private static func separator(
    of bytes: UnsafeBufferPointer<UInt8>, own: UInt8, quoting: TableQuoting?, escape: UInt8?,
    names: [String], isWhole: Bool
  ) -> UInt8 {
    let candidates = ([own] + separators.filter { $0 != own }).map { separator in
      sample(bytes, separator, quoting: quoting, escape: escape, isWhole: isWhole)
    }
    let ranks = candidates.enumerated().map { index, sample in
      Rank(sample, isOwn: index == 0, names: names)
    }
    let best = ranks.max { $0.isLess(than: $1) }
    if let best, best.isCandidate { return best.separator }
    // One column; its rows may contain the format's separator as text.
    let asNamed = candidates[0]
    guard asNamed.width == 1, asNamed.consistency < 1 else { return own }
    let column = candidates.first {
      $0.width == 1 && $0.isConsistent && ($0.quoting == .double || asNamed.quotes.doubtful == 0)
    }
    return column?.separator ?? own
  }

  /// Reads the sample with a separator and the quoting that the evidence suggests.
  private static func sample(
    _ bytes: UnsafeBufferPointer<UInt8>, _ separator: UInt8, quoting: TableQuoting?, escape: UInt8?,
    isWhole: Bool
  ) -> TableSample {
    func sample(_ quoting: TableQuoting) -> TableSample {
      TableSample(
        bytes, separator: separator, quoting: quoting, escape: escape, isWhole: isWhole)
    }
    if let quoting { return sample(quoting) }
    let quoted = sample(.double)
    guard hasTextQuotes(separator) else { return quoted }
    let plain = sample(.none)
    let found = quoted.quotes.quoting(rowsFitUnquoted: plain.consistency == 1, rowsBefore: 0)
    return found == .double ? quoted : plain
  }

  /// How well a separator fits a file; the fields are compared in this order.
  private struct Rank {
    let separator: UInt8
    let isCandidate: Bool
    let isConsistent: Bool
    /// 2 for a selected column, 1 for a usual name, else 0.
    let nameScore: Int
    let isPlain: Bool
    let consistency: Double
    let width: Int
    let isOwn: Bool

    init(_ sample: TableSample, isOwn: Bool, names: [String]) {
      separator = sample.separator
      let found = sample.names.map(ColumnLayout.normalised)
      let asked = names.map(ColumnLayout.normalised)
      nameScore =
        found.contains { asked.contains($0) } ? 2 : ColumnLayout.isHeader(found) ? 1 : 0
      isPlain = !sample.looksLikePunctuation
      isConsistent = sample.isConsistent
      isCandidate =
        sample.width > 1 && (isOwn || nameScore > 0 || isConsistent && isPlain)
      consistency = sample.consistency
      width = sample.width
      self.isOwn = isOwn
    }

    func isLess(than other: Rank) -> Bool {
      if isCandidate != other.isCandidate { return other.isCandidate }
      if nameScore != other.nameScore { return nameScore < other.nameScore }
      if isConsistent != other.isConsistent { return other.isConsistent }
      if isPlain != other.isPlain { return other.isPlain }
      if consistency != other.consistency { return consistency < other.consistency }
      if width != other.width { return width < other.width }
      return other.isOwn
    }
  }
}
