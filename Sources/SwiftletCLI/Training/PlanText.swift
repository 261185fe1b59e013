import Swiftlet
import SwiftletTraining

/// The plan of a training for people, after the lines about its data.
enum PlanText {
  static func lines(_ plan: TrainingPlan) -> [String] {
    var lines = ["steps: \(steps(plan))", "parameters: \(parameters(plan))"]
    if plan.precision != .float32 {
      lines.append(
        "precision: products in \(plan.precision.rawValue); weights, gradients and evaluations in"
          + " float32")
    }
    if let metric = plan.metric { lines.append("evaluations: \(evaluations(plan, by: metric))") }
    lines.append(
      "memory: \(NumberText.size(bytes: plan.memory)), in passes of"
        + " \(NumberText.grouped(plan.passTokens)) tokens"
        + (plan.recomputes ? "; to save memory, activations are computed again" : ""))
    if let seconds = plan.seconds {
      lines.append("time: \(NumberText.span(seconds: seconds)), estimated by a first step")
    }
    return lines
  }

  /// Passes over the examples, without the rounding to whole steps.
  static func epochs(_ plan: TrainingPlan) -> Double {
    Double(plan.totalSteps) / Double(max(1, plan.stepsPerEpoch))
  }

  private static func steps(_ plan: TrainingPlan) -> String {
    let epochs = NumberText.short(epochs(plan), digits: 2)
    return "\(NumberText.grouped(plan.totalSteps)): \(epochs) epoch\(epochs == "1" ? "" : "s") of"
      + " \(NumberText.grouped(plan.stepsPerEpoch))"
      + (plan.warmupSteps > 0 ? "; warm-up \(NumberText.grouped(plan.warmupSteps))" : "")
  }

  private static func parameters(_ plan: TrainingPlan) -> String {
    let count = NumberText.grouped(plan.parameters)
    guard plan.trainedParameters < plan.parameters else { return "\(count), all trained" }
    let share = Double(plan.trainedParameters) / Double(max(1, plan.parameters))
    return "\(count), of which \(NumberText.grouped(plan.trainedParameters))"
      + " (\(NumberText.percent(share))) are trained"
  }

  private static func evaluations(_ plan: TrainingPlan, by metric: Metric) -> String {
    "\(NumberText.grouped(plan.evaluations)), each on"
      + " \(NumberText.grouped(plan.validationExamples)) rows; the best has the"
      + " \(metric.isBetterWhenHigher ? "highest" : "lowest") \(metric.rawValue)"
  }
}
