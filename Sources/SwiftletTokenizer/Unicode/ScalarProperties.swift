/// The properties of a Unicode scalar in the reference implementation (see `make_tables.py`).
struct ScalarProperties: OptionSet {
  let rawValue: UInt16

  /// Removed by BERT's text cleaning: control, format and private-use characters, NUL, U+FFFD.
  static let dropped = ScalarProperties(rawValue: 1 << 0)
  static let whitespace = ScalarProperties(rawValue: 1 << 1)
  /// Removed by BERT's accent stripping, after decomposition.
  static let nonspacingMark = ScalarProperties(rawValue: 1 << 2)
  /// Removed by the separate `StripAccents` normalizer, which takes all marks.
  static let combiningMark = ScalarProperties(rawValue: 1 << 3)
  /// Is a word of its own.
  static let punctuation = ScalarProperties(rawValue: 1 << 4)
  /// Is a word character next to an added token that must be a single word.
  static let word = ScalarProperties(rawValue: 1 << 5)
  /// Has a lower case other than itself.
  static let lowercases = ScalarProperties(rawValue: 1 << 6)
  /// Has a canonical decomposition other than itself.
  static let decomposes = ScalarProperties(rawValue: 1 << 7)
  /// Its decomposition starts with a combining class other than 0, so canonical ordering moves it.
  static let nonstarter = ScalarProperties(rawValue: 1 << 8)

  /// The properties of scalars that can't be copied unchanged into a word.
  static let needsWork: ScalarProperties = [
    .dropped, .whitespace, .nonspacingMark, .punctuation, .lowercases, .decomposes, .nonstarter,
  ]

  @inline(__always)
  init(rawValue: UInt16) { self.rawValue = rawValue }

  @inline(__always)
  init(of scalar: UInt32) {
    let kind = UnicodeTables.value(
      of: scalar,
      index: UnicodeTables.propertiesIndex,
      blocks: UnicodeTables.propertiesBlocks,
      values: UnicodeTables.propertiesValues,
      digits: 1
    )
    self.rawValue = UnicodeTables.flags[kind]
  }
}

extension UnicodeTables {
  /// Looks up a scalar in a two-stage table; scalars past its last block share that block.
  @inline(__always)
  static func value(
    of scalar: UInt32, index: StaticString, blocks: Int, values: StaticString, digits: Int
  ) -> Int {
    let block = min(Int(scalar) / blockSize, blocks - 1)
    let start = number(index, at: block, digits: 2) * blockSize
    return number(values, at: start + Int(scalar) % blockSize, digits: digits)
  }

  /// Returns the number at a position in a text of base-64 digits; does not check the position,
  /// which comes from the tables.
  @inline(__always)
  static func number(_ text: StaticString, at position: Int, digits: Int) -> Int {
    let start = text.utf8Start + position * digits
    var number = 0
    for digit in 0..<digits {
      number |= Int(start[digit] &- 0x30) << (6 * digit)
    }
    return number
  }

  /// Returns the lower case of a scalar other than U+0130, the only one that has two (`i`, U+0307).
  static func lowercase(_ scalar: UInt32) -> UInt32 {
    let delta = deltas[
      value(of: scalar, index: lowerIndex, blocks: lowerBlocks, values: lowerValues, digits: 2)
    ]
    return scalar &+ UInt32(bitPattern: delta)
  }

  static func combiningClass(_ scalar: UInt32) -> UInt8 {
    combining[
      value(
        of: scalar, index: classesIndex, blocks: classesBlocks, values: classesValues, digits: 1)
    ]
  }

  /// Returns the full canonical decomposition of a scalar that has the property `decomposes`.
  static func decomposition(_ scalar: UInt32) -> Decomposition {
    if (0xAC00..<0xAC00 + 11172).contains(scalar) { return Decomposition(hangul: scalar - 0xAC00) }
    let entry = value(
      of: scalar,
      index: decompositionsIndex,
      blocks: decompositionsBlocks,
      values: decompositionsValues,
      digits: 3
    )
    return Decomposition(start: entry >> 2, count: entry & 3 + 1)
  }

  /// One to four scalars, without an array.
  struct Decomposition {
    private var scalars: SIMD4<UInt32> = .zero
    let count: Int

    fileprivate init(start: Int, count: Int) {
      self.count = count
      for part in 0..<count {
        scalars[part] = UInt32(UnicodeTables.number(pool, at: start + part, digits: 4))
      }
    }

    /// Decomposes a Hangul syllable, counted from U+AC00 (Unicode Standard, 3.12).
    fileprivate init(hangul number: UInt32) {
      scalars[0] = 0x1100 + number / 588
      scalars[1] = 0x1161 + number % 588 / 28
      scalars[2] = 0x11A7 + number % 28
      count = number % 28 == 0 ? 2 : 3
    }

    subscript(part: Int) -> UInt32 { scalars[part] }
  }
}

/// Returns whether BERT isolates a scalar as a Chinese character: the ideographs in its own list of
/// blocks, which is not all of Unicode's and excludes kana and Hangul.
func isChinese(_ scalar: UInt32) -> Bool {
  switch scalar {
  case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
    0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
    true
  default: false
  }
}
