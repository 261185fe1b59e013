import Testing

@testable import SwiftletCLI

@Suite struct DisplayTextTests {
  @Test(
    "Width counts terminal columns",
    arguments: [
      ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한국", 4), ("ｗ", 2), ("😀", 2),
      ("\u{200B}", 0), ("ไทย", 3), ("\u{1F1E9}\u{1F1EA}", 2), ("…", 1), ("█", 1),
    ]
  )
  func width(text: String, expected: Int) {
    #expect(DisplayText.width(of: text) == expected)
  }

  @Test(
    "Shortened text fits, and says where it was cut",
    arguments: [
      ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"),
      ("日本語", 4, "日…"), ("a", 1, "a"), ("ab", 1, "…"), ("ab", 0, ""), ("", 5, ""),
      ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
    ]
  )
  func shorten(text: String, limit: Int, expected: String) {
    let shown = DisplayText.shorten(text, to: limit)
    #expect(Array(shown.unicodeScalars) == Array(expected.unicodeScalars))
    #expect(DisplayText.width(of: shown) <= limit)
  }

  @Test(
    "A text can't steer the terminal",
    arguments: [
      ("a\u{1B}[31mb", "a [31mb"), ("two\nlines", "two lines"), ("a\t \r\n b", "a b"),
      ("  edges  ", "edges"), ("\u{202E}abc", "abc"), ("bell\u{7}", "bell"), ("c1\u{9B}x", "c1 x"),
      ("zero\u{0}x", "zero x"),
    ]
  )
  func cleans(text: String, expected: String) {
    #expect(DisplayText.shorten(text, to: 40) == expected)
  }

  @Test("A letter under thousands of marks stays short")
  func marksAreBounded() {
    let text = "a" + String(repeating: "\u{301}", count: 10_000)
    #expect(DisplayText.shorten(text, to: 10).unicodeScalars.count <= 10)
  }

  @Test("Every cut of a mixed text fits", arguments: 0...60)
  func everyCutFits(limit: Int) {
    let text = "Größe 日本語 👨‍👩‍👧 e\u{301}🇩🇪 한국어 text that goes on"
    #expect(DisplayText.width(of: DisplayText.shorten(text, to: limit)) <= limit)
  }

  @Test(
    "A name can be cut at its start",
    arguments: [
      ("layer.0.bias", 12, "layer.0.bias"), ("layer.0.bias", 7, "…0.bias"), ("日本語", 5, "…本語"),
      ("abc", 1, "…"), ("abc", 0, ""),
    ]
  )
  func shortenStart(text: String, limit: Int, expected: String) {
    #expect(DisplayText.shortenStart(text, to: limit) == expected)
  }

  @Test("Padding fills to display columns")
  func pads() {
    #expect(DisplayText.pad("日本", to: 6) == "日本  ")
    #expect(DisplayText.pad("ab", to: 4, alignRight: true) == "  ab")
    #expect(DisplayText.pad("abc", to: 2) == "abc")
  }
}
