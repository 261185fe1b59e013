import Foundation
import SwiftletTokenizer
import Testing

/// The checksums that options.py has written, by series.
enum OptionGoldens {
  static let series: [String: [UInt32]] = {
    let lines = (try? Fixtures.lines(of: "options.tsv")) ?? []
    var series: [String: [UInt32]] = [:]
    for line in lines where !line.hasPrefix("#") {
      let fields = line.split(separator: "\t")
      guard fields.count == 2 else { continue }
      series[String(fields[0])] = fields[1].split(separator: " ").compactMap {
        UInt32($0, radix: 36)
      }
    }
    return series
  }()

  /// Compares the checksum of every `step`-th text.
  static func check(
    _ name: String, _ texts: [String], step: Int = 1, _ sum: (Int, String) -> UInt32
  ) throws {
    let expected = try #require(series[name], "no series \(name)")
    try #require(expected.count == texts.count)
    for index in stride(from: 0, to: texts.count, by: step)
    where sum(index, texts[index]) != expected[index] {
      Issue.record("\(name): text \(index + 1) differs: \(texts[index].debugDescription)")
    }
  }
}
