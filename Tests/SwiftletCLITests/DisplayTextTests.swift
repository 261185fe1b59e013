import Testing

@testable import SwiftletCLI

@Suite struct DisplayTextTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한국", 4), ("ｗ", 2), ("😀", 2),
    ("\u{200B}", 0), ("ไทย", 3), ("\u{1F1E9}\u{1F1EA}", 2), ("…", 1), ("█", 1),
  ]
  )
  func `width counts terminal columns`(text: String, expected: Int) {
    #expect(DisplayText.width(of: text) == expected)
  }

  @Test(arguments: [
    ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"),
    ("日本語", 4, "日…"), ("a", 1, "a"), ("ab", 1, "…"), ("ab", 0, ""), ("", 5, ""),
    ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
  ]
  )
  func `shortened text fits and marks the cut`(text: String, limit: Int, expected: String) {
    let shown = DisplayText.shorten(text, to: limit)
    #expect(Array(shown.unicodeScalars) == Array(expected.unicodeScalars))
    #expect(DisplayText.width(of: shown) <= limit)
  }

  @Test(arguments: [
    ("a\u{1B}[31mb", "a [31mb"), ("two\nlines", "two lines"), ("a\t \r\n b", "a b"),
    ("  edges  ", "edges"), ("\u{202E}abc", "abc"), ("bell\u{7}", "bell"), ("c1\u{9B}x", "c1 x"),
    ("zero\u{0}x", "zero x"),
  ]
  )
  func `a text cannot control the terminal`(text: String, expected: String) {
    #expect(DisplayText.shorten(text, to: 40) == expected)
  }

  @Test func `a letter under thousands of marks stays short`() {
    let text = "a" + String(repeating: "\u{301}", count: 10_000)
    #expect(DisplayText.shorten(text, to: 10).unicodeScalars.count <= 10)
  }

  @Test(arguments: 0...60)
  func `every cut of a mixed text fits`(limit: Int) {
    let text = "Größe 日本語 👨‍👩‍👧 e\u{301}🇩🇪 한국어 text that goes on"
    #expect(DisplayText.width(of: DisplayText.shorten(text, to: limit)) <= limit)
  }

  @Test(arguments: [
    ("layer.0.bias", 12, "layer.0.bias"), ("layer.0.bias", 7, "…0.bias"), ("日本語", 5, "…本語"),
    ("abc", 1, "…"), ("abc", 0, ""),
  ]
  )
  func `a name can be cut at its start`(text: String, limit: Int, expected: String) {
    #expect(DisplayText.shortenStart(text, to: limit) == expected)
  }

  @Test func `padding fills to display columns`() {
    #expect(DisplayText.pad("日本", to: 6) == "日本  ")
    #expect(DisplayText.pad("ab", to: 4, alignRight: true) == "  ab")
    #expect(DisplayText.pad("abc", to: 2) == "abc")
  }
}
