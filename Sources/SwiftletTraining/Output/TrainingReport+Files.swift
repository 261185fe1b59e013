import Swiftlet
import SwiftletJSON

extension TrainingReport {
  /// The files of the report, beside the files `names` of the model.
  func files(beside names: [String]) -> [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    let curve = LearningCurve(self)
    if let curve { files.append((LearningCurve.fileName, Array(curve.svg.utf8))) }
    let card = ModelCard(self, hasCurve: curve != nil)
    files.append(("README.md", Array(card.text.utf8)))
    let all = (names + files.map(\.name) + [ModelFolderWriter.reportName]).sorted()
    files.append((ModelFolderWriter.reportName, json(files: all)))
    return files
  }

  /// The contents of `training.json`.
  private func json(files: [String]) -> [UInt8] {
    var members: [JSONValue.Member] = [
      ("swiftlet_version", .string("\(ProjectVersion.text)")),
      ("name", .string(name)), ("task", .string(task.rawValue)),
      ("method", .string(method)), ("model_type", .string(architecture)),
      ("base_model", .string(baseModel)),
      ("command", .array(command.map(JSONValue.string))),
      ("arguments", .object(arguments.map { ($0.name, .string($0.value)) })),
      ("data", .array(data.map(\.json))), ("labels", .array(labels.map(\.json))),
      ("entities", .array(entities.map(\.json))),
      ("metrics", .array(metrics.map(\.json))),
      ("metric", metricName.map(JSONValue.string) ?? .null),
      ("best_step", bestStep.map(JSONValue.int) ?? .null),
      ("history", .array(history.map(\.json))),
    ]
    if let calibration {
      members += [
        ("temperature", .double(calibration.temperature)),
        ("calibration_error_before", Self.number(calibration.errorBefore)),
        ("calibration_error", Self.number(calibration.errorAfter)),
      ]
    }
    if let distillation { members.append(("distillation", distillation.json)) }
    if !confusion.isEmpty { members.append(("confusion", .array(confusion.map(Self.line)))) }
    members += [
      ("seconds", Self.number(seconds)), ("files", .array(files.map(JSONValue.string))),
    ]
    return JSONValue.object(members).document
  }

  /// A row of numbers in one line of the file.
  private static func line(_ numbers: [Int]) -> JSONValue {
    .raw(JSONValue.array(numbers.map(JSONValue.int)).json)
  }

  fileprivate static func number(_ value: Double?) -> JSONValue {
    value.map(JSONValue.double) ?? .null
  }
}

extension TrainingReport.Distillation {
  fileprivate var json: JSONValue {
    .object([
      ("teacher", .string(teacher)), ("teacher_layers", .int(teacherLayerCount)),
      ("layers", layers.map { .array($0.map(JSONValue.int)) } ?? .null),
      ("width", width.map(JSONValue.int) ?? .null),
      ("temperature", TrainingReport.number(temperature)), ("alpha", .double(alpha)),
      ("hidden_weight", .double(hiddenWeight)),
      ("teacher_value", TrainingReport.number(teacherValue)),
      ("share_kept", TrainingReport.number(shareKept)),
      ("measures_agreement", .bool(measuresAgreement)),
    ])
  }
}

extension TrainingReport.DataFile {
  fileprivate var json: JSONValue {
    .object([
      ("role", .string(role)), ("path", .string(path)),
      ("sha256", hash.map(JSONValue.string) ?? .null),
      ("bytes", byteCount.map(JSONValue.int) ?? .null), ("rows", .int(rowCount)),
    ])
  }
}

extension TrainingReport.Label {
  fileprivate var json: JSONValue {
    .object([
      ("label", .string(name)), ("training_rows", .int(trainingRows)),
      ("validation_rows", validationRows.map(JSONValue.int) ?? .null),
      ("precision", TrainingReport.number(precision)), ("recall", TrainingReport.number(recall)),
      ("f1", TrainingReport.number(f1)), ("threshold", TrainingReport.number(threshold)),
    ])
  }
}

extension TrainingReport.Entity {
  fileprivate var json: JSONValue {
    .object([
      ("kind", .string(name)), ("count", .int(count)), ("precision", .double(precision)),
      ("recall", .double(recall)), ("f1", .double(f1)),
    ])
  }
}

extension TrainingReport.Metric {
  fileprivate var json: JSONValue {
    .object([
      ("name", .string(name)), ("value", .double(value)),
      ("low", TrainingReport.number(interval?.lowerBound)),
      ("high", TrainingReport.number(interval?.upperBound)),
    ])
  }
}

extension TrainingReport.Point {
  fileprivate var json: JSONValue {
    .object([
      ("step", .int(step)), ("epoch", .double(epoch)),
      ("training_loss", TrainingReport.number(trainingLoss)),
      ("validation_loss", TrainingReport.number(validationLoss)),
      ("metric", TrainingReport.number(metric)),
    ])
  }
}
