package import SwiftletJSON

extension LoopState {
  /// The state as JSON; numbers read back as the same bits.
  package var json: JSONValue {
    .object([
      ("step", .int(step)), ("steps_per_epoch", .int(stepsPerEpoch)),
      ("total_steps", .int(totalSteps)), ("losses_since_log", lossesSinceLog.json),
      ("losses_since_evaluation", lossesSinceEvaluation.json),
      ("losses", .array(losses.map(\.json))), ("evaluations", .array(evaluations.map(\.json))),
      ("evaluated_step", .int(evaluatedStep)),
      ("evaluations_without_gain", .int(evaluationsWithoutGain)),
      ("skipped_steps", .int(skippedSteps)), ("tokens", .int(tokens)),
      ("seconds", .double(seconds)),
    ])
  }

  /// Reads ``json``.
  ///
  /// - Throws: ``LoopStateError`` with the name of a member that is missing or has another type.
  package init(_ json: JSONValue) throws(LoopStateError) {
    step = try json.count("step")
    stepsPerEpoch = try json.count("steps_per_epoch")
    totalSteps = try json.count("total_steps")
    lossesSinceLog = try LossWindow(json.member("losses_since_log"))
    lossesSinceEvaluation = try LossWindow(json.member("losses_since_evaluation"))
    for element in try json.list("losses") { losses.append(try LossRecord(element)) }
    for element in try json.list("evaluations") {
      evaluations.append(try EvaluationRecord(element))
    }
    evaluatedStep = try json.count("evaluated_step")
    evaluationsWithoutGain = try json.count("evaluations_without_gain")
    skippedSteps = try json.count("skipped_steps")
    tokens = try json.count("tokens")
    seconds = try json.number("seconds")
    guard step <= totalSteps, evaluatedStep <= step, stepsPerEpoch > 0 else {
      throw LoopStateError(member: "step")
    }
  }
}

/// A checkpoint's state that is damaged.
package struct LoopStateError: Error, Equatable, CustomStringConvertible {
  /// The member that is missing or has another type.
  package let member: String

  package var description: String {
    "the state of the checkpoint is damaged at '\(member)'; train without --resume"
  }
}

extension LossWindow {
  fileprivate var json: JSONValue { .object([("sum", .double(sum)), ("count", .int(count))]) }

  fileprivate init(_ json: JSONValue) throws(LoopStateError) {
    sum = try json.number("sum")
    count = try json.count("count")
  }
}

extension LossRecord {
  fileprivate var json: JSONValue {
    .object([
      ("step", .int(step)), ("loss", .optional(loss)), ("learning_rate", .double(learningRate)),
      ("gradient_norm", .optional(gradientNorm)),
    ])
  }

  fileprivate init(_ json: JSONValue) throws(LoopStateError) {
    step = try json.count("step")
    loss = json["loss"]?.number
    learningRate = try json.number("learning_rate")
    gradientNorm = json["gradient_norm"]?.number
  }
}

extension EvaluationRecord {
  /// The record as JSON; a value that is not defined is null.
  package var json: JSONValue {
    let metrics = metrics.map { ($0.metric.rawValue, JSONValue.double($0.value)) }
    return .object([
      ("epoch", .double(epoch)), ("step", .int(step)), ("training_loss", .optional(trainingLoss)),
      ("validation_loss", .optional(validationLoss)), ("metrics", .object(metrics)),
      ("value", .double(value)), ("is_best", .bool(isBest)), ("seconds", .double(seconds)),
    ])
  }

  fileprivate init(_ json: JSONValue) throws(LoopStateError) {
    epoch = try json.number("epoch")
    step = try json.count("step")
    trainingLoss = json["training_loss"]?.number
    validationLoss = json["validation_loss"]?.number
    metrics = []
    for (name, value) in try json.member("metrics").members {
      guard let metric = Metric(rawValue: name) else { throw LoopStateError(member: name) }
      metrics.append(MetricValue(metric, value.number ?? .nan))
    }
    value = json["value"]?.number ?? .nan
    isBest = try json.member("is_best").bool ?? false
    seconds = try json.number("seconds")
  }
}

extension JSONValue {
  fileprivate var number: Double? {
    switch self {
    case .double(let value): value
    case .int(let value): Double(value)
    default: nil
    }
  }

  fileprivate func member(_ name: String) throws(LoopStateError) -> JSONValue {
    guard let value = self[name] else { throw LoopStateError(member: name) }
    return value
  }

  fileprivate func number(_ name: String) throws(LoopStateError) -> Double {
    guard let value = self[name]?.number else { throw LoopStateError(member: name) }
    return value
  }

  fileprivate func count(_ name: String) throws(LoopStateError) -> Int {
    guard let value = self[name]?.int, value >= 0 else { throw LoopStateError(member: name) }
    return value
  }

  fileprivate func list(_ name: String) throws(LoopStateError) -> [JSONValue] {
    guard case .array(let elements)? = self[name] else { throw LoopStateError(member: name) }
    return elements
  }
}
