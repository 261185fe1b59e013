import Swiftlet

/// The model card of a trained model: `README.md` as the Hugging Face Hub reads it.
struct ModelCard {
  private let report: TrainingReport
  private let hasCurve: Bool

  init(_ report: TrainingReport, hasCurve: Bool) {
    self.report = report
    self.hasCurve = hasCurve
  }

  var text: String {
    let sections = [
      frontMatter, introduction, teacher, results, labels, entities, confusion, calibration, use,
      training, limits,
    ]
    return sections.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  // MARK: Beginning

  private var frontMatter: String {
    let library = report.task == .embeddings ? "sentence-transformers" : "transformers"
    var lines = ["---", "library_name: \(library)"]
    if let tag = report.task.pipelineTag { lines.append("pipeline_tag: \(tag)") }
    if isHubName { lines.append("base_model: \(MarkdownText.quoted(report.baseModel))") }
    lines.append("tags:")
    lines += [report.architecture, report.task.rawValue, "swiftlet"].reduce(into: []) { tags, tag in
      if !tags.contains("  - \(tag)") { tags.append("  - \(tag)") }
    }
    if !report.metrics.isEmpty {
      lines.append("metrics:")
      lines += report.metrics.map { "  - \(MarkdownText.quoted($0.name))" }
      lines += modelIndex
    }
    return (lines + ["---", ""]).joined(separator: "\n")
  }

  /// Whether the base is named as on the Hub, `organisation/model`, and not by a path.
  private var isHubName: Bool {
    let parts = report.baseModel.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        part.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } == true
      }
  }

  /// Results in the form in which the Hub shows them.
  private var modelIndex: [String] {
    guard let tag = report.task.pipelineTag else { return [] }
    let file = report.data.first { $0.role != "training" } ?? report.data.first
    let name = file.map { lastPart($0.path) } ?? "unknown"
    return [
      "model-index:", "  - name: \(MarkdownText.quoted(report.name))", "    results:",
      "      - task:", "          type: \(tag)", "        dataset:",
      "          name: \(MarkdownText.quoted(name))",
      "          type: \(MarkdownText.quoted(name))",
      "        metrics:",
    ]
      + report.metrics.flatMap {
        [
          "          - type: \(MarkdownText.quoted($0.name))",
          "            value: \(DecimalText.fixed($0.value, 4))",
        ]
      }
  }

  private var introduction: String {
    let base = MarkdownText.escaped(report.baseModel)
    var text = "# \(MarkdownText.escaped(report.name))\n\n"
    text += "A \(architectureName) model for \(taskName), trained from \(base) with "
    text += "Swiftlet \(ProjectVersion.text)."
    return text + "\n"
  }

  private var architectureName: String {
    switch report.architecture {
    case "distilbert": "DistilBERT"
    case "bert": "BERT"
    default: MarkdownText.escaped(report.architecture)
    }
  }

  private var taskName: String {
    switch report.task {
    case .classification: "text classification with one label"
    case .multiLabel: "text classification with several labels"
    case .regression: "text regression"
    case .tokens: "token classification"
    case .questions: "question answering"
    case .masks: "filling masks"
    case .choices: "multiple choice"
    case .embeddings: "sentence embeddings"
    }
  }

  private var teacher: String { TeacherSection(report)?.text ?? "" }

  // MARK: Results

  private var results: String {
    guard !report.metrics.isEmpty else { return "" }
    var text = "## Results\n\n"
    let rows = report.data.filter { $0.role == "validation" }.reduce(0) { $0 + $1.rowCount }
    text += "Measured with the weights of this folder"
    text += rows > 0 ? " on \(DecimalText.grouped(rows)) validation rows.\n\n" : ".\n\n"
    text += MarkdownText.table(
      ["metric", "value", "95 % interval"],
      report.metrics.map { metric in
        let interval = metric.interval.map {
          "\(DecimalText.fixed($0.lowerBound, 4)) to \(DecimalText.fixed($0.upperBound, 4))"
        }
        return [
          MarkdownText.escaped(metric.name), DecimalText.fixed(metric.value, 4), interval ?? "–",
        ]
      })
    if hasCurve { text += "\n![Learning curve](\(LearningCurve.fileName))\n" }
    return text
  }

  private var labels: String {
    guard !report.labels.isEmpty else { return "" }
    let columns: [(name: String, cell: (TrainingReport.Label) -> String?)] = [
      ("validation rows", { $0.validationRows.map(DecimalText.grouped) }),
      ("precision", { $0.precision.map { DecimalText.fixed($0, 3) } }),
      ("recall", { $0.recall.map { DecimalText.fixed($0, 3) } }),
      ("F1", { $0.f1.map { DecimalText.fixed($0, 3) } }),
      ("threshold", { $0.threshold.map { DecimalText.fixed($0, 3) } }),
    ]
    let used = columns.filter { column in report.labels.contains { column.cell($0) != nil } }
    let rows = report.labels.enumerated().map { index, label in
      ["\(index)", MarkdownText.escaped(label.name), DecimalText.grouped(label.trainingRows)]
        + used.map { $0.cell(label) ?? "–" }
    }
    return "## Labels\n\n"
      + MarkdownText.table(
        ["id", "label", "training rows"] + used.map(\.name), rows, numbersFrom: 2)
  }

  private var entities: String {
    guard !report.entities.isEmpty else { return "" }
    return "## Entities\n\n"
      + MarkdownText.table(
        ["kind", "validation entities", "precision", "recall", "F1"],
        report.entities.map { entity in
          [MarkdownText.escaped(entity.name), DecimalText.grouped(entity.count)]
            + [entity.precision, entity.recall, entity.f1].map { DecimalText.fixed($0, 3) }
        }, numbersFrom: 1)
  }

  private var confusion: String { ConfusionTable(report)?.text ?? "" }

  private var calibration: String {
    guard let calibration = report.calibration else { return "" }
    var text = "## Calibration\n\n"
    text += "The logits are divided by the temperature "
    text += "\(DecimalText.fixed(calibration.temperature, 3)), which was fitted on the validation "
    text += "rows, so that a score of 0.8 is right about 80 % of the time. The division is part of "
    text += "the classifier's weights."
    if let before = calibration.errorBefore, let after = calibration.errorAfter {
      text += " The expected calibration error on those rows is "
      text += "\(DecimalText.percent(before)) without it and \(DecimalText.percent(after)) with it."
    }
    return text + "\n"
  }

  // MARK: Use and origin

  private var use: String { "## Use\n\n" + UsageExamples(report).text }

  private var training: String {
    var text = "## Training\n\n"
    if !report.data.isEmpty {
      text += MarkdownText.table(
        ["data", "file", "SHA-256", "rows"],
        report.data.map { file in
          [
            MarkdownText.escaped(file.role), MarkdownText.escaped(file.path),
            file.hash.map { "`\($0.prefix(16))…`" } ?? "–", DecimalText.grouped(file.rowCount),
          ]
        }, numbersFrom: 3)
    }
    if let bestStep = report.bestStep {
      text += "\nThe weights are those after step \(DecimalText.grouped(bestStep))"
      text += report.metricName.map { ", the best by \(MarkdownText.escaped($0))." } ?? "."
      text += "\n"
    }
    if let seconds = report.seconds {
      text += "\nThe training took \(DecimalText.duration(seconds)).\n"
    }
    if !report.command.isEmpty {
      let command = report.command.map(MarkdownText.shellWord).joined(separator: " ")
      text += "\n" + MarkdownText.code(command, language: "sh")
    }
    if !report.arguments.isEmpty {
      text += "\n"
      text += MarkdownText.table(
        ["argument", "value"],
        report.arguments.map { [MarkdownText.escaped($0.name), MarkdownText.escaped($0.value)] },
        numbersFrom: 2)
    }
    text += "\n[training.json](training.json) has all of this for programs.\n"
    return text
  }

  private var limits: String {
    """
    ## Limits

    The results hold for texts like those of the validation rows; other texts were not measured. The \
    terms of the base model and of the data apply to this model too.

    """
  }

  private func lastPart(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
