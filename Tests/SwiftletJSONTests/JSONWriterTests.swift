import SwiftletJSON
import Testing

@Suite("JSON writing") struct JSONWriterTests {
  private func written(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    JSONWriter.append(string: text, to: &bytes)
    return bytes
  }

  @Test(
    "only what must be escaped is, in the short form where there is one",
    arguments: [
      ("", #""""#), ("a/b é😀", #""a/b é😀""#), ("\"\\", #""\"\\""#),
      ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
      ("\0\u{1}\u{1F}\u{7F}", "\"\\u0000\\u0001\\u001f\u{7F}\""),
    ]
  )
  func escapes(text: String, json: String) { #expect(written(text) == [UInt8](json.utf8)) }

  @Test("a string comes back byte for byte")
  func roundTrip() throws {
    for value in UInt32(0)..<0x3000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = "a\(scalar)e\u{301}"
      let back = try read(written(text)) { (reader) throws(JSONError) in try reader.readString() }
      #expect([UInt8](back.utf8) == [UInt8](text.utf8))
    }
  }
}
