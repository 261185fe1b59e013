import SwiftletJSON
import Testing

@Suite struct JSONWriterTests {
  private func written(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    JSONWriter.append(string: text, to: &bytes)
    return bytes
  }

  @Test(arguments: [
    ("", #""""#), ("a/b é😀", #""a/b é😀""#), ("\"\\", #""\"\\""#),
    ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
    ("\0\u{1}\u{1F}\u{7F}", #""\u0000\u0001\u001f\u007f""#),
    ("\u{80}\u{85}\u{9F}\u{A0}\u{BF}", "\"\\u0080\\u0085\\u009f\u{A0}\u{BF}\""),
    ("\u{2027}\u{2028}\u{2029}\u{202A}", "\"\u{2027}\\u2028\\u2029\u{202A}\""),
    ("x\u{2029}", #""x\u2029""#), ("\u{B}\u{1C}\u{1D}\u{1E}", #""\u000b\u001c\u001d\u001e""#),
  ]
  )
  func `quotes, controls and line separators are escaped, in the short form where there is one`(
    text: String, json: String
  ) { #expect(written(text) == [UInt8](json.utf8)) }

  @Test func `written JSON has no scalar that any splitter takes for a line end`() {
    // The line ends of Python's str.splitlines.
    let ends: Set<Unicode.Scalar> = [
      "\n", "\r", "\u{B}", "\u{C}", "\u{1C}", "\u{1D}", "\u{1E}", "\u{85}", "\u{2028}", "\u{2029}",
    ]
    for value in UInt32(0)..<0x3000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let json = String(decoding: written(String(scalar)), as: UTF8.self)
      if json.unicodeScalars.contains(where: ends.contains) { Issue.record("U+\(value)") }
    }
  }

  @Test func `a string comes back byte for byte`() throws {
    for value in UInt32(0)..<0x3000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = "a\(scalar)e\u{301}"
      let back = try read(written(text)) { (reader) throws(JSONError) in try reader.readString() }
      #expect([UInt8](back.utf8) == [UInt8](text.utf8))
    }
  }
}
