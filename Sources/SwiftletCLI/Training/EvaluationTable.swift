import SwiftletTraining

/// The table of a training's evaluations, whose rows are printed one at a time.
struct EvaluationTable {
  private struct Column {
    let title: String
    let width: Int
    /// Columns with a low rank are left out first.
    let rank: Int
    let text: (EvaluationRecord) -> String
  }

  private let columns: [Column]
  private static let gap = "  "

  /// - Parameters:
  ///   - metric: The metric that selects the best weights.
  ///   - totalSteps: Steps of the training.
  ///   - width: The columns of the terminal that a row may take.
  init(metric: Metric, totalSteps: Int, width: Int) {
    let name = metric.rawValue
    let steps = NumberText.grouped(totalSteps).count
    var columns = [
      Column(title: "epoch", width: 6, rank: 1) { NumberText.fixed($0.epoch, digits: 2) },
      Column(title: "step", width: max(4, steps), rank: 5) { NumberText.grouped($0.step) },
      Column(title: "train loss", width: 10, rank: 2) { Self.loss($0.trainingLoss) },
      Column(title: "val loss", width: 8, rank: 3) { Self.loss($0.validationLoss) },
      Column(title: name, width: max(8, name.count), rank: 6) { metric.text($0.value) },
      Column(title: "best", width: 4, rank: 4) { $0.isBest ? "★" : "" },
      Column(title: "time", width: 8, rank: 0) { NumberText.span(seconds: $0.seconds) },
    ]
    while columns.count > 1, Self.total(columns) > width,
      let least = columns.indices.min(by: { columns[$0].rank < columns[$1].rank })
    {
      columns.remove(at: least)
    }
    self.columns = columns
  }

  var header: String { columns.map { Self.pad($0.title, $0) }.joined(separator: Self.gap) }

  func row(_ record: EvaluationRecord) -> String {
    columns.map { Self.pad($0.text(record), $0) }.joined(separator: Self.gap)
  }

  private static func pad(_ text: String, _ column: Column) -> String {
    DisplayText.pad(text, to: column.width, alignRight: true)
  }

  private static func total(_ columns: [Column]) -> Int {
    columns.reduce(gap.count * (columns.count - 1)) { $0 + $1.width }
  }

  private static func loss(_ loss: Double?) -> String {
    loss.map { NumberText.fixed($0, digits: 4) } ?? "-"
  }
}

extension Metric {
  /// A value for people: per cent for shares, otherwise four digits.
  func text(_ value: Double) -> String {
    guard !value.isNaN else { return "-" }
    switch self {
    case .accuracy, .subsetAccuracy, .exactMatch: return NumberText.percent(value)
    default: return NumberText.fixed(value, digits: 4)
    }
  }
}
