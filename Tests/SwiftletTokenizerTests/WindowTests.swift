import Foundation
import SwiftletTokenizer
import Testing

/// Windows over long texts are those of `return_overflowing_tokens` and `stride`.
@Suite struct WindowTests {
  let tokenizer: Tokenizer

  init() throws { tokenizer = try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary) }

  /// WINDOWS in options.py.
  static let cases: [(stride: Int, options: EncodingOptions)] = {
    var cases: [(stride: Int, options: EncodingOptions)] = []
    for (length, stride) in [(7, 0), (12, 3), (12, 4), (40, 7), (40, 18)] {
      for strategy in [TruncationStrategy.longestFirst, .onlyFirst, .onlySecond] {
        for side in [TextSide.right, .left] {
          let options = EncodingOptions(
            maxLength: length, truncation: strategy, truncationSide: side)
          cases.append((stride, options))
        }
      }
    }
    return cases
  }()

  static func add(
    _ crc: inout CRC32, _ tokenizer: Tokenizer, _ text: String, _ pair: String?,
    _ stride: Int, _ options: EncodingOptions
  ) {
    guard
      let windows = try? tokenizer.windows(text, pair: pair, stride: stride, options: options)
    else { return crc.add([0 as Int32]) }
    guard windows.count <= 200 else { return crc.add([Int32(windows.count)]) }
    for window in windows { crc.add(window, of: text, pair: pair) }
  }

  @Test(arguments: ["bundled", "unclean", "added"])
  func `windows agree`(name: String) throws {
    let path = Fixtures.folder.appending(path: "\(name).tokenizer.json").path
    let tokenizer = name == "bundled" ? tokenizer : try Tokenizer(tokenizerFile: path)
    let texts = try Fixtures.lines(of: "nasty.txt") + Fixtures.lines(of: "blns.txt")
    let step = GoldenTests.step == 1 ? 1 : 4
    try OptionGoldens.check("windows/\(name)", texts, step: step) { index, text in
      var crc = CRC32()
      for (stride, options) in Self.cases {
        Self.add(&crc, tokenizer, text, texts[(index + 1) % texts.count], stride, options)
        guard options.truncation == .longestFirst else { continue }
        Self.add(&crc, tokenizer, text, nil, stride, options)
        var bare = options
        bare.addSpecialTokens = false
        Self.add(&crc, tokenizer, text, nil, stride, bare)
      }
      return crc.value
    }
  }

  @Test func `windows cover a question's context`() throws {
    let options = EncodingOptions(maxLength: 10, truncation: .onlySecond)
    let windows = try tokenizer.windows(
      "who is it?", pair: "one two three four five six", stride: 1, options: options)
    #expect(
      windows.map { tokenizer.decode($0.ids) } == [
        "who is it? one two three", "who is it? three four five", "who is it? five six",
      ])
    #expect(windows.map(\.count) == [10, 10, 9])
    #expect(windows[1].offsets.suffix(4) == [8..<13, 14..<18, 19..<23, 0..<0])
    #expect(windows[1].wordIDs.suffix(4) == [2, 3, 4, nil])
    #expect(windows[2].sequenceIDs == [nil, 0, 0, 0, 0, nil, 1, 1, nil])
    #expect(windows.allSatisfy { $0.isTruncated })
  }

  @Test func `a text that fits has one window, which is its encoding`() throws {
    let options = EncodingOptions(maxLength: 5)
    let windows = try tokenizer.windows("one two three", stride: 400, options: options)
    #expect(Array(windows) == [tokenizer.encode("one two three")])
    #expect(try tokenizer.windows("", options: EncodingOptions()).count == 1)
  }

  /// Every token is in a window, and without the overlaps in exactly one.
  @Test(arguments: [TextSide.right, .left], [0, 1, 5])
  func `windows together are the text`(side: TextSide, stride: Int) throws {
    let text = (0..<200).map(String.init).joined(separator: " ")
    let whole = tokenizer.encode(text, options: EncodingOptions(addSpecialTokens: false))
    let options = EncodingOptions(
      maxLength: 9, truncationSide: side, addSpecialTokens: false)
    var windows = try Array(tokenizer.windows(text, stride: stride, options: options))
    if side == .left { windows.reverse() }
    var offsets = windows[0].offsets
    for (before, window) in zip(windows, windows.dropFirst()) {
      let common =
        side == .right || window != windows[1]
        ? stride
        : before.offsets.count
          - (before.offsets.firstIndex(of: window.offsets[0]) ?? before.offsets.count)
      #expect(before.offsets.suffix(common) == window.offsets.prefix(common))
      offsets += window.offsets.dropFirst(common)
    }
    #expect(offsets == whole.offsets)
  }

  @Test(arguments: [
    (4, 2, TruncationStrategy.longestFirst), (3, 1, .longestFirst), (2, 0, .longestFirst),
    (0, 0, .onlyFirst), (-5, 0, .onlySecond), (10, -1, .longestFirst),
    (Int.min, Int.max, .onlyFirst),
    (Int.min, Int.min, .longestFirst),
  ])
  func `windows without room are refused`(length: Int, stride: Int, strategy: TruncationStrategy)
    throws
  {
    let options = EncodingOptions(maxLength: length, truncation: strategy)
    #expect(throws: TokenizerError.noRoomForWindows(maxLength: length, stride: stride)) {
      try tokenizer.windows("one two three four", stride: stride, options: options)
    }
  }

  @Test(arguments: [Int.min, 0, 1])
  func `windows without room for special tokens are refused`(length: Int) throws {
    #expect(throws: TokenizerError.noRoomForWindows(maxLength: length, stride: 0)) {
      try tokenizer.windows("", options: EncodingOptions(maxLength: length))
    }
  }

  @Test(arguments: [TruncationStrategy.onlyFirst, .onlySecond])
  func `windows of one text are refused if the other fills them`(strategy: TruncationStrategy)
    throws
  {
    let options = EncodingOptions(maxLength: 8, truncation: strategy)
    let (long, short) = ("one two three four five six seven", "one")
    let texts = strategy == .onlyFirst ? (short, long) : (long, short)
    #expect(throws: TokenizerError.noRoomForWindows(maxLength: 8, stride: 0)) {
      try tokenizer.windows(texts.0, pair: texts.1, options: options)
    }
    let empty = strategy == .onlyFirst ? ("", long) : (long, "")
    #expect(throws: TokenizerError.noRoomForWindows(maxLength: 8, stride: 0)) {
      try tokenizer.windows(empty.0, pair: empty.1, options: options)
    }
  }

  @Test func `an error says what to do`() {
    #expect(
      TokenizerError.noRoomForWindows(maxLength: 8, stride: 6).description
        == "windows of 8 tokens have no room for the text besides special tokens, the other text and a "
        + "stride of 6; use a larger length or a smaller stride")
  }

  @Test func `truncation from the left keeps the end`() {
    let options = EncodingOptions(maxLength: 4, truncationSide: .left)
    let encoding = tokenizer.encode("one two three four", options: options)
    #expect(tokenizer.decode(encoding.ids) == "three four")
    #expect(encoding.offsets == [0..<0, 8..<13, 14..<18, 0..<0])
    #expect(encoding.wordIDs == [nil, 2, 3, nil])
  }
}
