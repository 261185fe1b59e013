import Swiftlet
package import SwiftletJSON

extension TrainingEvent {
  /// The event as an object of JSON Lines; `event` has its name, and a number that is not known is null.
  package var json: JSONValue {
    switch self {
    case .planned(let plan): Self.object("planned", plan.members)
    case .warning(let warning): Self.object("warning", [("text", .string(warning.description))])
    case .step(let report): Self.object("step", report.members)
    case .evaluated(let record): Self.object("evaluated", record.json.members)
    case .saved(let checkpoint):
      Self.object(
        "saved",
        [
          ("kind", .string(checkpoint.kind.rawValue)), ("step", .int(checkpoint.step)),
          ("path", .string(checkpoint.path)),
        ])
    case .finished(let summary): Self.object("finished", summary.members)
    }
  }

  private static func object(_ name: String, _ members: [JSONValue.Member]) -> JSONValue {
    .object([("event", .string(name))] + members)
  }
}

extension TrainingPlan {
  fileprivate var members: [JSONValue.Member] {
    [
      ("examples", .int(examples)), ("validation_examples", .int(validationExamples)),
      ("tokens_per_epoch", .int(tokensPerEpoch)), ("validation_tokens", .int(validationTokens)),
      ("steps_per_epoch", .int(stepsPerEpoch)), ("total_steps", .int(totalSteps)),
      ("warmup_steps", .int(warmupSteps)), ("evaluations", .int(evaluations)),
      ("parameters", .int(parameters)), ("trained_parameters", .int(trainedParameters)),
      ("pass_tokens", .int(passTokens)), ("recomputes", .bool(recomputes)),
      ("memory", .int(memory)),
      ("precision", .string(precision.rawValue)), ("seconds", .optional(seconds)),
      ("metric", metric.map { .string($0.rawValue) } ?? .null),
      ("higher_is_better", metric.map { .bool($0.isBetterWhenHigher) } ?? .null),
    ]
  }
}

extension StepReport {
  fileprivate var members: [JSONValue.Member] {
    [
      ("epoch", .double(epoch)), ("step", .int(step)), ("total_steps", .int(totalSteps)),
      ("loss", .optional(loss)), ("step_loss", .optional(stepLoss)),
      ("learning_rate", .double(learningRate)), ("gradient_norm", .optional(gradientNorm)),
      ("tokens_per_second", .double(tokensPerSecond)),
      ("resident_memory", residentMemory.map(JSONValue.int) ?? .null),
      ("remaining_seconds", .double(remainingSeconds)),
    ]
  }
}

extension TrainingSummary {
  fileprivate var members: [JSONValue.Member] {
    [
      ("reason", .string(reason.rawValue)), ("step", .int(step)),
      ("total_steps", .int(totalSteps)), ("best", best?.json ?? .null),
      ("seconds", .double(seconds)), ("tokens", .int(tokens)),
      ("skipped_steps", .int(skippedSteps)), ("text", .string(description)),
    ]
  }
}

extension JSONValue {
  /// A number, or null.
  static func optional(_ value: Double?) -> JSONValue { value.map(double) ?? .null }
}
