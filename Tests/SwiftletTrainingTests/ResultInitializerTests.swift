import Swiftlet
import SwiftletTraining
import SwiftletWeights
import Testing

/// A user's tests make events and metrics without a training, through public initialisers alone.
struct ResultInitializerTests {
  private static let record = EvaluationRecord(
    epoch: 1, step: 10, validationLoss: 0.3, metrics: [MetricValue(.accuracy, 0.9)], value: 0.9,
    isBest: true, seconds: 12)

  @Test func `A summary describes itself`() {
    let summary = TrainingSummary(
      reason: .completed, step: 10, totalSteps: 10, best: Self.record, seconds: 12, tokens: 900)
    #expect(summary.description == "trained 10 steps")
    #expect(summary.best?.value == 0.9 && summary.skippedSteps == 0)
  }

  @Test func `Every event can be made`() {
    let plan = TrainingPlan(
      examples: 90, validationExamples: 10, tokensPerEpoch: 900, validationTokens: 100,
      stepsPerEpoch: 6, totalSteps: 18, warmupSteps: 2, parameters: 1000, trainedParameters: 1000,
      passTokens: 1024, memory: 1 << 20, metric: .accuracy, evaluations: 3)
    let step = StepReport(
      epoch: 0.5, step: 3, totalSteps: 18, loss: 0.6, learningRate: 5e-5, tokensPerSecond: 100,
      remainingSeconds: 9, isLogged: true)
    let events: [TrainingEvent] = [
      .planned(plan), .warning(.skippedStep(step: 1, rows: "2")), .step(step),
      .evaluated(Self.record), .saved(SavedCheckpoint(kind: .best, step: 10, path: "out")),
    ]
    #expect(Set(events.map { "\($0)".prefix { $0 != "(" } }).count == events.count)
    #expect(LossRecord(step: 3, loss: 0.6, learningRate: 5e-5).gradientNorm == nil)
  }

  @Test func `Metrics compute the rest from their counts`() {
    let scores = [
      ClassScore(label: "a", hits: 3, predicted: 4, support: 3),
      ClassScore(label: "b", hits: 1, predicted: 1, support: 2),
    ]
    let metrics = ClassificationMetrics(
      correct: Proportion(count: 4, total: 5), perClass: scores, confusion: [[3, 0], [1, 1]],
      logLoss: 0.4, calibrationError: 0.1, calibrationBins: [], brierScore: 0.2)
    #expect(metrics.accuracy == 0.8 && metrics.rows == 5 && metrics.value(of: .loss) == 0.4)
    let labels = MultiLabelMetrics(
      exact: Proportion(count: 1, total: 2), perLabel: scores, averagePrecisions: [1, nil],
      logLoss: 0.3, calibrationError: 0.1, calibrationBins: [], brierScore: 0.2)
    #expect(labels.subsetAccuracy == 0.5 && labels.meanAveragePrecision == 1)
    let tokens = TokenClassificationMetrics(
      perKind: scores, tokens: Proportion(count: 8, total: 10))
    #expect(tokens.value(of: .accuracy) == 0.8 && tokens.entities.hits == 4)
  }

  @Test func `Metrics of numbers, pairs, choices and answers have their values`() {
    let numbers = RegressionMetrics(
      count: 2, mse: 0.5, mae: 0.4, pearson: .value(0.9), spearman: .value(0.8))
    #expect(numbers.value(of: .pearson) == 0.9 && numbers.value(of: .loss) == 0.5)
    let pairs = SimilarityMetrics(pairs: 2, pearson: .value(0.9), spearman: .value(0.8), loss: 1)
    #expect(pairs.value(of: .spearman) == 0.8 && pairs.value(of: .loss) == 1)
    #expect(ChoiceMetrics(correct: Proportion(count: 3, total: 4)).accuracy == 0.75)
    let scores = AnswerMetrics.Scores(exact: Proportion(count: 1, total: 4), f1: 0.5)
    let answers = AnswerMetrics(all: scores, answerable: scores, unanswerable: .init())
    #expect(answers.value(of: .exactMatch) == 0.25 && answers.value(of: .f1) == 0.5)
  }

  @Test func `A result has a model and copies its folder`() throws {
    let folder = try BundledModel.sentimentDirectory()
    let summary = TrainingSummary(
      reason: .earlyStopping, step: 5, totalSteps: 10, seconds: 1, tokens: 10)
    let result = TrainingResult(
      model: try Classifier(directory: folder), directory: folder, summary: summary,
      history: [Self.record])
    #expect(result.classifier.labels == ["NEGATIVE", "POSITIVE"])
    #expect(result.history.count == 1 && result.validationMetrics == nil)
    #expect(throws: TrainingError.self) { try result.write(to: folder) }
  }
}
