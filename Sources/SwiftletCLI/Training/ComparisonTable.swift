import Glibc
import SwiftletJSON
import SwiftletTraining

/// A student beside its teacher, as text and as JSON.
struct ComparisonTable {
  private let comparison: DistillationComparison

  init(_ comparison: DistillationComparison) { self.comparison = comparison }

  /// The rows of the table, the header first, and a line about its last columns.
  var lines: [String] {
    var heads = ["", "layers", "parameters", "weights", "texts/s"]
    if let metric = comparison.metric { heads += [metric.rawValue, "kept"] }
    var grid = TextGrid(alignments: [.left] + heads.dropFirst().map { _ in .right })
    grid.add(heads)
    grid.add(["teacher"] + cells(comparison.teacher) + [""])
    grid.add(
      ["student"] + cells(comparison.student)
        + [comparison.shareKept.map { NumberText.percent($0, digits: 1) } ?? "-"])
    let text = grid.text(on: Terminal(descriptor: STDERR_FILENO))
    let speed = "texts/s: \(NumberText.grouped(comparison.sampleCount)) texts on all threads"
    return text.split(separator: "\n").map(String.init) + [
      speed
        + (comparison.measuresAgreement && comparison.metric != nil
          ? "; the metric is the agreement with the teacher" : "")
    ]
  }

  private func cells(_ entry: DistillationComparison.Entry) -> [String] {
    [
      "\(entry.layers)", NumberText.grouped(entry.parameters),
      "\(NumberText.size(bytes: entry.bytes)) \(entry.dataType)",
      NumberText.rate(entry.textsPerSecond),
    ]
      + (comparison.metric.map { metric in
        [entry.value.map { metric.text($0) } ?? "-"]
      } ?? [])
  }

  /// The last event of a distillation.
  var json: JSONValue {
    .object([
      ("event", .string("comparison")), ("teacher", Self.json(comparison.teacher)),
      ("student", Self.json(comparison.student)),
      ("metric", comparison.metric.map { .string($0.rawValue) } ?? .null),
      ("measures_agreement", .bool(comparison.measuresAgreement)),
      ("share_kept", comparison.shareKept.map(JSONValue.double) ?? .null),
      ("timed_texts", .int(comparison.sampleCount)),
    ])
  }

  private static func json(_ entry: DistillationComparison.Entry) -> JSONValue {
    .object([
      ("layers", .int(entry.layers)), ("parameters", .int(entry.parameters)),
      ("weight_bytes", .int(entry.bytes)), ("dtype", .string(entry.dataType)),
      ("texts_per_second", .double(entry.textsPerSecond)),
      ("value", entry.value.map(JSONValue.double) ?? .null),
    ])
  }
}
