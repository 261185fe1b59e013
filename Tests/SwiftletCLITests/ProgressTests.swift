import Testing

@testable import SwiftletCLI

@Suite struct ProgressTests {
  private static let state = Progress.State(texts: 1500, bytes: 250_000, seconds: 5)

  @Test func `the line shows share, count, rate and time left`() {
    let line = Progress.line(Self.state, total: .bytes(1_000_000), width: 100)
    #expect(line.hasSuffix("   25%  1,500 texts  300 texts/s  15 s left"))
    #expect(line.hasPrefix("████████░░░"))
  }

  @Test func `a known number of texts is shown`() {
    let line = Progress.line(Self.state, total: .texts(3000), width: 60)
    #expect(line.contains(" 50%  1,500 of 3,000 texts  300 texts/s  5.0 s left"))
  }

  @Test func `without a known total there is no share and no time left`() {
    let line = Progress.line(Self.state, total: .unknown, width: 60)
    #expect(line == "1,500 texts  300 texts/s")
  }

  @Test(arguments: 5...120)
  func `the line fits terminals of every width`(width: Int) {
    for total in [Progress.Total.bytes(1_000_000), .texts(2000), .unknown] {
      let line = Progress.line(Self.state, total: total, width: width)
      #expect(DisplayText.width(of: line) <= width)
    }
  }

  @Test func `a total or count of zero is not divided by`() {
    let none = Progress.State()
    #expect(Progress.line(none, total: .bytes(0), width: 80) == "0 texts")
    #expect(!Progress.line(none, total: .bytes(10), width: 80).contains("left"))
    #expect(Progress.summary(none) == "0 texts in 0.0 s (0.00 texts/s)")
  }

  @Test func `the summary has count, time and rate`() {
    #expect(Progress.summary(Self.state) == "1,500 texts in 5.0 s (300 texts/s)")
    let one = Progress.State(texts: 1, bytes: 3, seconds: 2)
    #expect(Progress.summary(one) == "1 text in 2.0 s (0.50 texts/s)")
  }
}
