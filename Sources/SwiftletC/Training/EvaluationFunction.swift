public import CSwiftlet
import Swiftlet
import SwiftletJSON
import SwiftletTraining

/// Evaluates a model on labelled rows.
@c @implementation
public func swiftlet_evaluate(
  _ directory: UnsafePointer<CChar>?, _ file: UnsafePointer<CChar>?,
  _ options: UnsafePointer<CChar>?,
  _ report: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = ReportPlace(report)
    let directory = try InputText.string(directory, name: "directory")
    let file = try InputText.string(file, name: "file")
    var options = try JSONOptions(options)
    let data = try DataOptions(&options)
    let maxLength = try options.integer("max-length")
    let threads = try options.integer("threads")
    try options.finish()
    let folder = try Failure.converting { () throws(SwiftletError) in
      try ModelLocation(directory).directory
    }
    let result = try Failure.convertingTraining { () throws(TrainingError) in
      try ModelEvaluation(
        of: folder, on: .file(file, data.options), task: data.options.task, maxLength: maxLength,
        threads: threads, check: data.checkUse)
    }
    place.write(result.json(model: directory, file: file))
  }
}

extension ModelEvaluation {
  /// The report of an evaluation.
  fileprivate func json(model: String, file: String) -> JSONValue {
    var members: [JSONValue.Member] = [
      ("model", .string(model)), ("file", .string(file)), ("task", .string(task.rawValue)),
      ("rows", .int(summary.trainingCount)),
      ("skipped", .int(summary.skipped.reduce(0) { $0 + $1.count })),
      ("metrics", .object(evaluation.members)),
    ]
    members += evaluation.intervalMembers
    switch evaluation {
    case .classification(let metrics):
      members.append(("labels", .array(metrics.perClass.map(Self.json))))
      members.append(("confusion", .array(metrics.confusion.map { .array($0.map(JSONValue.int)) })))
    case .multiLabel(let metrics):
      members.append(("labels", .array(metrics.perLabel.map(Self.json))))
    case .tokens(let metrics):
      members.append(("labels", .array(metrics.perKind.map(Self.json))))
    default: break
    }
    members.append(("warnings", .array(summary.warnings.map(JSONValue.string))))
    return .object(members)
  }

  private static func json(_ score: ClassScore) -> JSONValue {
    .object([
      ("label", .string(score.label)), ("precision", .double(score.precision)),
      ("recall", .double(score.recall)), ("f1", .double(score.f1)),
      ("predicted", .int(score.predicted)), ("support", .int(score.support)),
    ])
  }
}
