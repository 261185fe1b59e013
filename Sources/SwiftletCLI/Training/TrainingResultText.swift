import SwiftletJSON
import SwiftletTraining

/// What a training reached, as text and as JSON.
struct TrainingResultText {
  let outcome: TrainingOutcome
  let task: TrainingTask
  /// The metric that selected the best weights.
  let metric: Metric?
  /// Whether the texts are pairs.
  let hasPairs: Bool

  // MARK: Text

  /// The best step, the metric with its interval, the folder, and a command to try.
  var lines: [String] {
    var lines = ["\(outcome.summary.description) in \(duration)"]
    if let best = outcome.summary.best, let metric {
      lines.append(
        "best: step \(NumberText.grouped(best.step)), \(metric.rawValue) \(metric.text(best.value))"
      )
    }
    if let (name, share) = outcome.evaluation?.share {
      lines.append("\(name): \(IntervalText.text(share)) (\(share.total) rows)")
    }
    guard let folder = outcome.folder else { return lines }
    lines.append("written: \(folder)")
    lines.append("try: \(Self.example(folder: folder, task: task, hasPairs: hasPairs))")
    return lines
  }

  private var duration: String { NumberText.span(seconds: outcome.summary.seconds) }

  /// A command that uses a model.
  static func example(folder: String, task: TrainingTask, hasPairs: Bool) -> String {
    let model = "--model \(ShellText.word(folder))"
    return switch task {
    case .classification, .multiLabel, .regression:
      hasPairs
        ? "swiftlet classify \(model) --pair 'The second text.' 'The first text.'"
        : "swiftlet classify \(model) 'A text to classify.'"
    case .tokens: "swiftlet tag \(model) 'Ada lives in London.'"
    case .questions:
      "swiftlet answer \(model) --question 'Where does Ada live?' 'Ada lives in London.'"
    case .choices:
      "swiftlet choose \(model) 'Ada was hungry.' --choice 'She ate.' --choice 'It rained.'"
    case .masks: "swiftlet fill-mask \(model) 'Ada lives in [MASK].'"
    case .embeddings: "swiftlet embed \(model) 'A cat sleeps.'"
    }
  }

  // MARK: JSON

  /// The last event of a training that was not cancelled.
  var json: JSONValue { outcome.json(metric: metric) }
}
