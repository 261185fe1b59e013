import Foundation
import Testing
@testable import struct Swiftlet.Entity

@testable import SwiftletCLI

@Suite struct TaggedTextTests {
  private static let labels = ["O", "B-PER", "I-PER", "B-LOC"]
  private static let plain = Terminal(isTerminal: true, width: 80, usesColor: false)
  private static let colored = Terminal(isTerminal: true, width: 80, usesColor: true)

  private func entity(_ label: String, _ bytes: Range<Int>) -> Entity {
    Entity(label: label, score: 1, word: "", offsets: bytes, utf8Offsets: bytes, tokenIndex: nil)
  }

  @Test func `without colours entities are in brackets with their labels`() {
    let line = TaggedText.line(
      "Ann in Rome\n!", [entity("PER", 0..<3), entity("LOC", 7..<11)], labels: Self.labels,
      on: Self.plain)
    #expect(line == "[Ann PER] in [Rome LOC] !")
  }

  @Test func `each label has a colour, which B- and I- share`() {
    func color(_ label: String) -> String {
      TaggedText.line("x", [entity(label, 0..<1)], labels: Self.labels, on: Self.colored)
        .components(separatedBy: "x").first ?? ""
    }
    #expect(color("B-PER") == color("I-PER") && color("PER") == color("B-PER"))
    #expect(color("LOC") != color("PER"))
    #expect(color("PER").hasPrefix("\u{1B}["))
  }

  @Test func `a text cannot control the terminal, and entities beyond its end are skipped`() {
    let text = "a\u{1B}[31mb\u{202E}c"
    let line = TaggedText.line(
      text, [entity("LOC", 0..<1), entity("LOC", 0..<2), entity("LOC", 90..<99)],
      labels: Self.labels, on: Self.plain)
    #expect(line == "[a LOC][  LOC][31mbc")
  }
}
