import ArgumentParser
import Swiftlet
import SwiftletJSON
import Testing

@testable import SwiftletCLI
@testable import SwiftletTraining

@Suite struct TrainingTextTests {
  private static let step = StepReport(
    epoch: 1.417, step: 596, totalSteps: 1263, stepLoss: 0.2, loss: 0.2134, learningRate: 3.1e-5,
    gradientNorm: 1.94, tokensPerSecond: 2310.4, residentMemory: 1_200_000_000,
    remainingSeconds: 250, isLogged: true)

  private static func evaluation(
    step: Int, value: Double, isBest: Bool = true, loss: Double? = 0.31268
  ) -> EvaluationRecord {
    EvaluationRecord(
      epoch: 1, step: step, trainingLoss: 0.4312, validationLoss: loss,
      metrics: [MetricValue(.accuracy, value)], value: value, isBest: isBest, seconds: 187)
  }

  private static func plan(trained: Int = 1_000, metric: Metric? = .accuracy) -> TrainingPlan {
    TrainingPlan(
      examples: 6736, validationExamples: 748, tokensPerEpoch: 100_000, validationTokens: 10_000,
      stepsPerEpoch: 421, totalSteps: 1263, warmupSteps: 127, parameters: 1_000,
      trainedParameters: trained, passTokens: 1024, memory: 1_200_000_000, seconds: 250,
      metric: metric, evaluations: 3)
  }

  private static func summary(_ reason: TrainingSummary.Reason) -> TrainingSummary {
    TrainingSummary(
      reason: reason, step: 1263, totalSteps: 1263,
      best: evaluation(step: 842, value: 0.9123), seconds: 250, tokens: 300_000, skippedSteps: 0)
  }

  // MARK: The live line

  @Test func `the plan says that activations are computed again`() {
    var plan = Self.plan()
    #expect(!PlanText.lines(plan).contains { $0.contains("computed again") })
    plan.recomputes = true
    #expect(
      PlanText.lines(plan).contains(
        "memory: 1.2 GB, in passes of 1,024 tokens; to save memory, activations are computed again"
      ))
    #expect(TrainingEvent.planned(plan).json["recomputes"]?.bool == true)
  }

  @Test func `the live line has every number of a step`() {
    #expect(
      TrainingLine.text(Self.step, epochs: 3, width: 120)
        == "epoch 1.42/3 · step 596/1,263 · loss 0.213 · lr 3.1e-5 · |g| 1.9 · 2,310 tok/s · 1.2 GB"
        + " · 4m10s left")
  }

  @Test(arguments: 3...120)
  func `the live line fits terminals of every width`(width: Int) {
    let line = TrainingLine.text(Self.step, epochs: 3, width: width)
    #expect(DisplayText.width(of: line) <= width)
    if width >= 32 { #expect(line.contains("step 596/1,263") && line.contains("4m10s left")) }
  }

  @Test func `a step without a label has no loss and no gradient`() {
    var step = Self.step
    (step.loss, step.gradientNorm, step.residentMemory) = (nil, nil, nil)
    #expect(
      TrainingLine.text(step, epochs: 0.5, width: 120)
        == "epoch 1.42/0.5 · step 596/1,263 · lr 3.1e-5 · 2,310 tok/s · 4m10s left")
  }

  // MARK: The table

  @Test func `the table has a row for each evaluation and marks the best`() {
    let table = EvaluationTable(metric: .accuracy, totalSteps: 1263, width: 80)
    #expect(
      table.header == " epoch   step  train loss  val loss  accuracy  best      time")
    #expect(
      table.row(Self.evaluation(step: 421, value: 0.89123))
        == "  1.00    421      0.4312    0.3127    89.12%     ★     3m07s")
    #expect(
      table.row(Self.evaluation(step: 842, value: .nan, isBest: false, loss: nil))
        == "  1.00    842      0.4312         -         -           3m07s")
  }

  @Test(arguments: 20...100)
  func `the table keeps step and metric in narrow terminals`(width: Int) {
    let table = EvaluationTable(metric: .macroF1, totalSteps: 1263, width: width)
    let row = table.row(Self.evaluation(step: 421, value: 0.5))
    #expect(DisplayText.width(of: row) <= width)
    #expect(table.header.contains("step") && table.header.contains("macro-f1"))
    #expect(row.contains("421") && row.contains("0.5000"))
  }

  // MARK: The plan

  @Test func `the plan has steps, parameters, evaluations, memory and time`() {
    #expect(
      PlanText.lines(Self.plan()) == [
        "steps: 1,263: 3 epochs of 421; warm-up 127", "parameters: 1,000, all trained",
        "evaluations: 3, each on 748 rows; the best has the highest accuracy",
        "memory: 1.2 GB, in passes of 1,024 tokens", "time: 4m10s, estimated by a first step",
      ])
  }

  @Test func `the plan says how many parameters are trained, and which direction is better`() {
    let lines = PlanText.lines(Self.plan(trained: 10, metric: .mse))
    #expect(lines.contains("parameters: 1,000, of which 10 (1.00%) are trained"))
    #expect(lines.contains { $0.hasSuffix("the best has the lowest mse") })
    #expect(!PlanText.lines(Self.plan(metric: nil)).contains { $0.hasPrefix("evaluations") })
  }

  @Test func `the plan names another precision than float32`() {
    var plan = Self.plan()
    plan.precision = .bfloat16
    let line = "precision: products in bfloat16; weights, gradients and evaluations in float32"
    #expect(PlanText.lines(plan).contains(line))
    #expect(!PlanText.lines(Self.plan()).contains { $0.hasPrefix("precision") })
  }

  // MARK: The result

  private static func result(hasPairs: Bool = false) -> TrainingResultText {
    var metrics = ChoiceMetrics()
    metrics.correct = Proportion(count: 91, total: 100)
    let outcome = TrainingOutcome(
      summary: summary(.completed), evaluation: .choices(metrics), folder: "my model",
      history: [])
    return TrainingResultText(
      outcome: outcome, task: .classification, metric: .accuracy, hasPairs: hasPairs)
  }

  @Test func `the result has the best step, the interval, the folder and a command`() {
    #expect(
      Self.result().lines == [
        "trained 1263 steps in 4m10s", "best: step 842, accuracy 91.23%",
        "accuracy: 91.00%, 95 % interval 83.77% to 95.19% (100 rows)", "written: my model",
        "try: swiftlet classify --model 'my model' 'A text to classify.'",
      ])
    #expect(Self.result(hasPairs: true).lines.last?.contains("--pair 'The second text.'") == true)
  }

  @Test func `the result as JSON has the same numbers`() {
    let json = Self.result().json
    #expect(json["folder"]?.string == "my model" && json["best_step"]?.int == 842)
    #expect(json["interval_of"]?.string == "accuracy" && json["interval"]?.elements.count == 2)
    #expect(json["metrics"]?["accuracy"] != nil)
  }

  @Test(arguments: TrainingTask.allCases)
  func `the command of every task is one that the program has`(task: TrainingTask) throws {
    let example = TrainingResultText.example(folder: "m", task: task, hasPairs: false)
    let words = example.split(separator: " ").map(String.init)
    #expect(words[0] == "swiftlet" && words[2...3] == ["--model", "m"])
    #expect(SwiftletCommand.configuration.subcommands.contains { $0._commandName == words[1] })
  }
}
