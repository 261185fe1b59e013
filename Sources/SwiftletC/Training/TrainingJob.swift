import CSwiftlet
import Swiftlet
import SwiftletJSON
import SwiftletTraining

/// A training as options describe it: a plan, or a training to a folder.
struct TrainingJob {
  private let request: TrainingRequest
  private let data: DataOptions
  private let isDryRun: Bool

  /// Reads and checks the options; opens no file except the model's folder.
  init(_ pointer: UnsafePointer<CChar>?) throws(Failure) {
    guard pointer != nil else {
      throw .argument("options is NULL; \"model\" and \"file\" are needed")
    }
    var json = try JSONOptions(pointer)
    let model = try json.required("model")
    let file = try json.required("file")
    let validation = try json.text("validation")
    data = try DataOptions(&json)
    let options = try TrainingOptions(&json)
    isDryRun = try json.flag("dry-run")
    let output = try json.text("output")
    let folder = try Failure.converting { () throws(SwiftletError) in
      try ModelLocation(model).directory
    }
    var request = TrainingRequest(
      model: folder, training: .file(file, data.options),
      validation: try Self.validation(validation, data.options, seed: options.seed),
      options: options, output: output)
    request.task = data.options.task
    request.resumes = try json.flag("resume")
    request.replacesOutput = try json.flag("force")
    request.keepsCheckpoint = try json.flag("keep-checkpoint")
    request.calibrates = try json.flag("calibrate")
    request.writesAdapter = try json.flag("adapter")
    request.timesPlan = true
    try json.finish()
    if request.resumes, request.replacesOutput {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "\"resume\" continues the training in \"output\" and \"force\" replaces it; give one of them"
      )
    }
    guard isDryRun || output?.isEmpty == false else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "options: \"output\" is missing or empty; name a folder, or set \"dry-run\" to true")
    }
    if validation == "none" { try Self.checkUse(withoutValidation: json) }
    request.arguments = Self.arguments(request, file: file, validation: validation, data)
    self.request = request
  }

  /// Plans or trains on the calling thread.
  ///
  /// - Returns: The last event.
  func run(_ events: TrainingEvents) throws(Failure) -> JSONValue {
    let session = try Failure.convertingTraining { () throws(TrainingError) in
      let session = try TrainingSession(request)
      try data.checkUse(by: session.data.summary)
      return session
    }
    events.pass(session.data.summary.json)
    let result = isDryRun ? try plan(session, events) : try train(session, events)
    events.pass(result)
    return result
  }

  private func plan(
    _ session: TrainingSession, _ events: TrainingEvents
  ) throws(Failure) -> JSONValue {
    let plan = try Failure.convertingTraining { () throws(TrainingError) in
      try session.plan(unless: events.cancellation)
    }
    return TrainingEvent.planned(plan).json
  }

  private func train(
    _ session: TrainingSession, _ events: TrainingEvents
  ) throws(Failure) -> JSONValue {
    let outcome = try Failure.convertingTraining { () throws(TrainingError) in
      try session.run(unless: events.cancellation, report: events.report)
    }
    let summary = outcome.summary
    guard summary.reason != .cancelled else {
      throw Failure(TrainingError.cancelled(step: summary.step, total: summary.totalSteps))
    }
    return outcome.json(metric: events.metric)
  }

  // MARK: Options

  private static func validation(
    _ text: String?, _ options: TrainingFileOptions, seed: UInt64
  ) throws(Failure) -> ValidationData {
    guard let text else { return .share(0.1, seed: seed) }
    if text == "none" { return .none }
    guard let share = Double(text) else { return .data(.file(text, options)) }
    guard share > 0, share < 1 else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "\"validation\" is \(text), but must be a share between 0 and 1, a file or \"none\"")
    }
    return .share(share, seed: seed)
  }

  private static func checkUse(withoutValidation json: JSONOptions) throws(Failure) {
    let unused = [
      "metric", "patience", "minimum-gain", "evaluate-every", "evaluation-batch-size", "calibrate",
    ]
    guard let key = unused.first(where: json.has) else { return }
    throw Failure(SWIFTLET_INVALID_OPTION, "\"\(key)\" is not used without validation data")
  }

  /// What `training.json` records, in the order of the command line.
  private static func arguments(
    _ request: TrainingRequest, file: String, validation: String?, _ data: DataOptions
  ) -> [TrainingReport.Argument] {
    let own = [
      ("model", request.model), ("file", file), ("validation", validation ?? "0.1"),
    ]
    let rest = [("calibrate", "\(request.calibrates)")]
    return (own + data.arguments + rest + request.options.arguments).map { .init($0.0, $0.1) }
  }
}

extension TrainingOptions {
  /// Takes the options of the training, over the defaults of the method.
  fileprivate init(_ json: inout JSONOptions) throws(Failure) {
    var given: [(name: String, text: String)] = []
    for (name, _) in TrainingOptions().arguments {
      if let text = try json.text(name) { given.append((name, text)) }
    }
    let options = given
    self = try Failure.convertingTraining { () throws(TrainingError) in
      try TrainingOptions(arguments: options)
    }
  }

  /// Sets options from text, as a command line has them, and checks them.
  private init(arguments: [(name: String, text: String)]) throws(TrainingError) {
    self.init()
    if let method = arguments.first(where: { $0.name == "method" }) {
      try set("method", to: method.text)
      self = TrainingOptions(method: self.method)
    }
    for (name, text) in arguments { try set(name, to: text) }
    try validate()
  }
}
