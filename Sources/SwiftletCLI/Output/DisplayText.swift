/// Text for a terminal: its width in columns, without characters that are unsafe to print.
enum DisplayText {
  /// The columns of a terminal that `text` takes, as wcwidth(3) counts them, in any locale.
  static func width(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
  }

  /// `text` in one line of at most `limit` columns, ending in `…` if something was cut.
  ///
  /// Control characters, line breaks and runs of white space become one space; marks that change
  /// the writing direction are removed. A text must not be able to control the terminal.
  static func shorten(_ text: String, to limit: Int) -> String {
    guard limit > 0 else { return "" }
    var shown = ""
    var columns = 0
    /// The bytes of `shown` that still fit if an ellipsis must follow.
    var roomyCount = 0
    var pendingSpace = false
    for character in text {
      if character.unicodeScalars.allSatisfy(isSpace) {
        pendingSpace = !shown.isEmpty
        continue
      }
      let visible = printable(character)
      guard !visible.isEmpty else { continue }
      let needed = width(of: visible) + (pendingSpace ? 1 : 0)
      guard columns + needed <= limit else {
        return String(decoding: shown.utf8.prefix(roomyCount), as: UTF8.self) + "…"
      }
      if pendingSpace { shown += " " }
      pendingSpace = false
      shown += visible
      columns += needed
      if columns < limit { roomyCount = shown.utf8.count }
    }
    return shown
  }

  /// `text` in one line: each white space and control character becomes a space, and marks that
  /// change the writing direction are removed.
  static func oneLine(_ text: some StringProtocol) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !turnsDirection(scalar) {
      line.append(isSpace(scalar) ? " " : scalar)
    }
    return String(line)
  }

  /// The end of `text`, after `…` if something was cut. Names of tensors differ at their ends.
  static func shortenStart(_ text: String, to limit: Int) -> String {
    let shown = shorten(text, to: .max)
    guard width(of: shown) > limit else { return shown }
    var columns = 1
    var start = shown.endIndex
    while start > shown.startIndex {
      let before = shown.index(before: start)
      columns += width(of: String(shown[before]))
      guard columns <= limit else { break }
      start = before
    }
    return limit > 0 ? "…" + shown[start...] : ""
  }

  /// `text` with spaces to fill `columns`; longer text stays as it is.
  static func pad(_ text: String, to columns: Int, alignRight: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, columns - width(of: text)))
    return alignRight ? spaces + text : text + spaces
  }

  /// The scalars of a character that are safe on a terminal; drops combining marks past the eighth.
  private static func printable(_ character: Character) -> String {
    var view = String.UnicodeScalarView()
    for scalar in character.unicodeScalars where !isSpace(scalar) && !turnsDirection(scalar) {
      guard view.count < 9 else { break }
      view.append(scalar)
    }
    return String(view)
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
  }

  private static func turnsDirection(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  static func width(of scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return scalar.value == 0xAD || scalar.value >= 0x20 ? 1 : 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if isConjoiningVowelOrFinal(scalar) { return 0 }
    if isRegionalIndicator(scalar) { return 1 }
    return scalar.properties.isEmojiPresentation || isWide(scalar) ? 2 : 1
  }

  /// Hangul jamo that are drawn into the preceding syllable.
  private static func isConjoiningVowelOrFinal(_ scalar: Unicode.Scalar) -> Bool {
    (0x1160...0x11FF).contains(scalar.value) || (0xD7B0...0xD7FF).contains(scalar.value)
  }

  private static func isRegionalIndicator(_ scalar: Unicode.Scalar) -> Bool {
    (0x1F1E6...0x1F1FF).contains(scalar.value)
  }

  /// East Asian Width W and F (UAX 11), by blocks.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
      0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF,
      0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
