import SwiftletCheckpoint

/// What a distillation adds to a training.
struct DistillationContext {
  var facts: DistillationFacts
  /// Shared by objective and network; nil without a loss of hidden rows.
  let hidden: HiddenStates?
  /// Tells the teacher from another one in the same folder.
  let teacherFingerprint: String
}

/// The decisions of a distillation, for its plan, its checkpoint and its model card.
package struct DistillationFacts: Sendable, Equatable {
  /// The folder of the teacher.
  package let teacher: String
  /// The teacher's layers.
  package let teacherLayerCount: Int
  /// The layers of the teacher with which the student starts; nil for a given student.
  package let layers: [Int]?
  /// The hidden size of a student that is narrower than its teacher.
  package let width: Int?
  /// The folder of a given student.
  package let student: String?
  /// `model_type` of the student.
  package let architecture: String
  /// Why the student has its architecture; nil if it is the only possible one.
  package let architectureReason: String?
  /// Nil in a regression.
  package let temperature: Double?
  package let alpha: Double
  package let hiddenWeight: Double
  /// Training rows with a true label.
  package let hasLabels: Bool
  /// Whether the metrics compare the student with its teacher, as no validation row has a true label.
  package let measuresAgreement: Bool
  /// The memory of the teacher's answers.
  package let answerBytes: Int
  /// The metrics of the teacher on the validation rows, once it has answered.
  package internal(set) var teacherMetrics: FinalEvaluation?

  /// The arguments that decide about the weights.
  package var arguments: [TrainingReport.Argument] {
    let start = layers.map { $0.map(String.init).joined(separator: ",") }
    let all: [(String, String?)] = [
      ("teacher", teacher), ("keep-layers", start), ("model", student),
      ("width", width.map { "\($0)" }),
      ("architecture", architecture), ("temperature", temperature.map { "\($0)" }),
      ("alpha", "\(alpha)"), ("hidden-weight", "\(hiddenWeight)"),
    ]
    return all.compactMap { name, value in value.map { .init(name, $0) } }
  }

  /// The lines of the plan about teacher, student and loss.
  package var lines: [String] {
    [
      "teacher: \(teacher), \(teacherLayerCount) layers", "student: \(studentText)",
      "loss: \(lossText)",
      "teacher's answers: \(Self.size(answerBytes)) in memory, computed once before the first step",
    ]
      + (measuresAgreement
        ? ["metrics: agreement with the teacher, as no validation row has a label"] : [])
  }

  private var studentText: String {
    let name = architecture == Architecture.bert.rawValue ? "BERT" : "DistilBERT"
    guard let layers else { return "\(name) from \(student ?? "")" }
    let numbers = layers.map(String.init).joined(separator: ", ")
    let start = layers.count == 1 ? "layer \(numbers)" : "layers \(numbers)"
    return "\(name) with \(start) of the teacher" + (width.map { ", \($0) wide" } ?? "")
      + (architectureReason.map { "; \($0)" } ?? "")
  }

  private var lossText: String {
    var parts: [String] = []
    if alpha > 0 {
      parts.append(
        "\(Self.factor(alpha))the teacher's answers"
          + (temperature.map { " at temperature \(DecimalText.short($0))" } ?? ""))
    }
    if alpha < 1 { parts.append("\(Self.factor(1 - alpha))the true labels") }
    if hiddenWeight > 0 { parts.append("\(Self.factor(hiddenWeight))the cosine of hidden rows") }
    return parts.joined(separator: " + ")
  }

  private static func factor(_ weight: Double) -> String {
    weight == 1 ? "" : "\(DecimalText.short(weight)) × "
  }

  private static func size(_ bytes: Int) -> String {
    bytes < 100_000 ? "\(bytes) bytes" : "\(DecimalText.fixed(Double(bytes) / 1e6, 1)) MB"
  }

  /// The share of the teacher's metric that a student keeps; nil where it means nothing, as for errors.
  package func share(of metric: Metric, kept evaluation: FinalEvaluation?) -> Double? {
    guard metric.isBetterWhenHigher, let own = evaluation?.metrics.value(of: metric),
      let other = teacherMetrics?.metrics.value(of: metric), other > 0
    else { return nil }
    return own / other
  }
}
