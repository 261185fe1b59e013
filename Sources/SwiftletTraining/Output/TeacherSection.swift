/// The part of a model card about the teacher of a student.
struct TeacherSection {
  private let distillation: TrainingReport.Distillation
  private let metricName: String

  /// Nil for a training without a teacher.
  init?(_ report: TrainingReport) {
    guard let distillation = report.distillation else { return nil }
    self.distillation = distillation
    metricName = report.metricName ?? ""
  }

  var text: String {
    let lines = [origin, loss, result].filter { !$0.isEmpty }
    return "## Teacher\n\n" + lines.joined(separator: " ") + "\n"
  }

  private var origin: String {
    let name = MarkdownText.escaped(distillation.teacher)
    let start = "The model learned from the answers of \(name)"
    guard let layers = distillation.layers else { return start + "." }
    let numbers = layers.map(String.init).joined(separator: ", ")
    return start
      + ". It started with \(layers.count == 1 ? "layer" : "layers") \(numbers) of the teacher's "
      + "\(distillation.teacherLayerCount), which count from 0"
      + (distillation.width.map { ", of which it had \($0) columns" } ?? "") + "."
  }

  private var loss: String {
    var parts: [String] = []
    if distillation.alpha > 0 {
      parts.append(
        Self.factor(distillation.alpha) + "the distance from the teacher's answers"
          + (distillation.temperature.map { " at temperature \(DecimalText.short($0))" } ?? ""))
    }
    if distillation.alpha < 1 {
      parts.append(Self.factor(1 - distillation.alpha) + "the loss of the true labels")
    }
    if distillation.hiddenWeight > 0 {
      parts.append(
        Self.factor(distillation.hiddenWeight)
          + "(1 - cosine) of both models' last hidden rows")
    }
    return "The loss is " + parts.joined(separator: " + ") + "."
  }

  private static func factor(_ weight: Double) -> String {
    weight == 1 ? "" : DecimalText.short(weight) + " × "
  }

  private var result: String {
    let agreement =
      distillation.measuresAgreement
      ? "The results measure the agreement with the teacher, as no validation row has a true label."
      : ""
    guard let value = distillation.teacherValue else { return agreement }
    let kept = distillation.shareKept.map {
      ", of which the model keeps \(DecimalText.percent($0))"
    }
    guard !distillation.measuresAgreement else { return agreement }
    return "On the validation rows the teacher has \(MarkdownText.escaped(metricName)) "
      + "\(DecimalText.fixed(value, 4))\(kept ?? "")."
  }
}
