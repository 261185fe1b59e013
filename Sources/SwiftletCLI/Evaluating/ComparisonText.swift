import Swiftlet
import SwiftletJSON
import SwiftletTraining

/// A ``ModelComparison`` as text and as JSON.
enum ComparisonText {
  // MARK: JSON

  /// The object of `--json`: a member for each precision, null for one that this machine lacks. The
  /// members after them are those of int8.
  static func json(_ comparison: ModelComparison, of source: ReportSource) -> JSONValue {
    let sides = Precision.allCases.map { precision in
      (precision.rawValue, side(precision, of: comparison).map(JSONValue.object) ?? .null)
    }
    let int8 = comparison.sides.first { $0.precision == .int8 }
    return .object(
      source.json + [("count", .int(comparison.count))] + sides
        + (int8.map { difference(of: $0, in: comparison) } ?? []))
  }

  private static func side(
    _ precision: Precision, of comparison: ModelComparison
  ) -> [JSONValue.Member]? {
    guard let index = comparison.sides.firstIndex(where: { $0.precision == precision }) else {
      return nil
    }
    let side = comparison.sides[index]
    return [
      ("correct", .int(side.report.correct)), ("accuracy", .double(side.report.accuracy)),
      ("accuracy_interval", IntervalText.json(side.share)),
      ("macro_f1", .double(side.report.macroAverage.f1)), ("seconds", .double(side.seconds)),
      ("texts_per_second", .double(side.textsPerSecond)),
    ] + (index > 0 ? difference(of: side, in: comparison) : [])
  }

  private static func difference(
    of side: ModelComparison.Side, in comparison: ModelComparison
  ) -> [JSONValue.Member] {
    [
      ("accuracy_points", .double(comparison.accuracyPoints(side))),
      ("changed_labels", .int(side.difference.changedLabels)),
      ("largest_logit_difference", .double(side.difference.largest)),
      ("mean_logit_difference", .double(side.difference.mean)),
    ]
  }

  // MARK: Text

  static func text(_ comparison: ModelComparison, terminal: Terminal) -> String {
    var grid = TextGrid(alignments: [.left] + Array(repeating: .right, count: 6))
    grid.add([
      "", "accuracy", "95 % interval", "macro f1", "changed", "difference", "texts/s",
    ])
    for (index, side) in comparison.sides.enumerated() {
      grid.add(cells(side, isFirst: index == 0))
    }
    let first = comparison.sides.first?.precision.rawValue ?? ""
    return grid.text(on: terminal) + "\n"
      + "changed: labels that differ from \(first)'s, of \(NumberText.grouped(comparison.count))\n"
      + "difference: the largest of a logit\n" + missing(comparison)
  }

  private static func cells(_ side: ModelComparison.Side, isFirst: Bool) -> [String] {
    let interval = side.share.interval
    return [
      side.precision.rawValue, NumberText.percent(side.report.accuracy),
      "\(NumberText.percent(interval.lowerBound)) to \(NumberText.percent(interval.upperBound))",
      NumberText.fixed(side.report.macroAverage.f1, digits: 4),
      isFirst ? "-" : NumberText.grouped(side.difference.changedLabels),
      isFirst ? "-" : NumberText.fixed(side.difference.largest, digits: 4),
      NumberText.rate(side.textsPerSecond),
    ]
  }

  /// Says why a precision has no row.
  private static func missing(_ comparison: ModelComparison) -> String {
    let compared = comparison.sides.map(\.precision)
    guard !compared.contains(.bfloat16) else { return "" }
    return "bfloat16 is left out: the processor or SWIFTLET_ISA lacks AVX512_BF16\n"
  }
}
