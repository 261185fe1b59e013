import SwiftletSystem

/// All tokens of a text or a pair in overlapping windows, as with `return_overflowing_tokens`.
///
/// Each window is an ``Encoding`` with its own special tokens and with offsets into the whole text.
/// The subscript builds it on demand, so the windows take no memory beyond the tokens of the texts.
/// If both texts of a pair are split, the windows are all combinations, in the order of
/// `tokenizers`.
public struct EncodingWindows: RandomAccessCollection, Sendable {
  private let texts: TokenizedTexts
  private let first: TextCuts
  private let second: TextCuts
  private let padding: Padding?

  /// The index of the first window, which equals the encoding without windows.
  public var startIndex: Int { 0 }
  /// The number of windows, at least 1.
  public var endIndex: Int { first.count * second.count }

  init(_ texts: TokenizedTexts, stride: Int, _ options: EncodingOptions) throws(TokenizerError) {
    self.texts = texts
    padding = options.padding
    let kept = options.kept(of: texts)
    let counts = (first: texts.first.count, second: texts.second?.count ?? 0)
    let cutsOther =
      options.truncation == .onlyFirst && kept.second < counts.second
      || options.truncation == .onlySecond && texts.second != nil && kept.first < counts.first
    let cutsSpecials = texts.specialCount > options.maxLength ?? .max
    guard stride >= 0, !cutsOther, !cutsSpecials else {
      throw .noRoomForWindows(maxLength: options.maxLength ?? 0, stride: stride)
    }
    first = TextCuts(count: counts.first, length: kept.first, stride, options.truncationSide)
    second = TextCuts(count: counts.second, length: kept.second, stride, options.truncationSide)
    // With a step of 0 the windows never reach the end of the text.
    guard first.isPossible, second.isPossible,
      !first.count.multipliedReportingOverflow(by: second.count).overflow
    else { throw .noRoomForWindows(maxLength: options.maxLength ?? 0, stride: stride) }
  }

  /// Returns the window at an index.
  public subscript(position: Int) -> Encoding {
    requirePrecondition(
      position >= 0 && position < endIndex, "no window \(position) of \(endIndex)")
    let place = place(of: position)
    var encoding = texts.encoding(
      first: first[place.first], second: second[place.second],
      templateTypes: (place.first == 0, place.second == 0))
    guard let padding else { return encoding }
    let longest = texts.specialCount + first[0].count + second[0].count
    encoding.pad(to: padding.target(longest: longest), padding)
    return encoding
  }

  /// Returns the windows of the two texts that a combination consists of.
  ///
  /// The reference combines the later windows of the first text with all of the second, and then
  /// the first window of the first text with the later ones of the second.
  private func place(of position: Int) -> (first: Int, second: Int) {
    let inner = texts.isSecondInFront ? first.count : second.count
    let outer = texts.isSecondInFront ? second.count : first.count
    let places: (outer: Int, inner: Int) =
      if position == 0 {
        (0, 0)
      } else if position <= (outer - 1) * inner {
        (1 + (position - 1) / inner, (position - 1) % inner)
      } else {
        (0, position - (outer - 1) * inner)
      }
    return texts.isSecondInFront ? (places.inner, places.outer) : (places.outer, places.inner)
  }
}

/// Splits the tokens of one text into overlapping parts of equal length; the last may be shorter.
private struct TextCuts: Sendable {
  /// The number of parts.
  let count: Int
  private let total: Int
  private let length: Int
  private let step: Int
  private let side: TextSide

  var isPossible: Bool { step > 0 }

  init(count total: Int, length: Int, _ stride: Int, _ side: TextSide) {
    self.total = total
    self.length = length
    self.side = side
    step = length < total ? length - stride : 1
    let rest = total - length
    count = length < total && step > 0 ? 1 + rest / step + (rest % step == 0 ? 0 : 1) : 1
  }

  subscript(part: Int) -> Range<Int> {
    let start = part * step
    let range = start..<Swift.min(start + length, total)
    return side == .right ? range : total - range.upperBound..<total - range.lowerBound
  }
}

extension Tokenizer {
  /// Encodes a text or a pair in overlapping windows of at most `options.maxLength` tokens.
  ///
  ///     let options = EncodingOptions(maxLength: 384, truncation: .onlySecond)
  ///     for window in try tokenizer.windows(question, pair: context, stride: 128, options: options) {
  ///       // window.ids, window.offsets
  ///     }
  ///
  /// - Parameters:
  ///   - text: The only text, or the first of a pair.
  ///   - pair: The second text.
  ///   - stride: The number of tokens by which neighbouring windows overlap; nil for
  ///     `options.stride`.
  ///   - options: `truncation` selects the text of a pair that is split, `truncationSide` the end
  ///     from which the first window is furthest.
  /// - Returns: At least one window; exactly one if the text fits.
  /// - Throws: ``TokenizerError/noRoomForWindows(maxLength:stride:)`` if special tokens and the
  ///   other text leave room for at most `stride` tokens.
  public func windows(
    _ text: String, pair: String? = nil, stride: Int? = nil, options: EncodingOptions
  ) throws(TokenizerError) -> EncodingWindows {
    let texts = TokenizedTexts(text, pair, core, addSpecialTokens: options.addSpecialTokens)
    return try EncodingWindows(texts, stride: stride ?? options.stride, options)
  }

  /// Encodes texts given as words in overlapping windows; see ``windows(_:pair:stride:options:)``.
  public func windows(
    words: [String], pair: [String]? = nil, stride: Int? = nil, options: EncodingOptions
  ) throws(TokenizerError) -> EncodingWindows {
    let texts = TokenizedTexts(
      words: words, pair: pair, core, addSpecialTokens: options.addSpecialTokens)
    return try EncodingWindows(texts, stride: stride ?? options.stride, options)
  }
}
