import SwiftletCheckpoint

extension TrainingReport {
  /// The report of a training that has ended.
  init(
    _ context: TrainingContext, _ state: LoopState, _ evaluation: FinalEvaluation?,
    _ usualMetric: SwiftletTraining.Metric?, _ summary: TrainingSummary
  ) {
    let request = context.request
    let output = request.output ?? ""
    self.init(
      name: output.split(separator: "/").last.map(String.init) ?? output,
      task: context.data.task.reported,
      architecture: context.configuration.architecture.rawValue, baseModel: request.model,
      output: output, method: Self.method(request.options))
    command = request.command
    arguments =
      request.arguments.isEmpty
      ? request.options.arguments.map { Argument($0.name, $0.value) } : request.arguments
    let metric = request.options.metric ?? usualMetric
    data = Self.files(context.data)
    metricName = metric?.rawValue
    bestStep = summary.best?.step
    seconds = summary.seconds
    history = Self.history(state)
    distillation = context.distillation.map {
      Distillation($0.facts, evaluation, metric: metric)
    }
    addMetrics(evaluation)
    addLabels(context.data, evaluation)
  }

  private static func method(_ options: TrainingOptions) -> String {
    options.arguments.first { $0.name == "method" }?.value ?? "full"
  }

  private static func files(_ data: PreparedData) -> [DataFile] {
    data.summary.files.enumerated().map { index, file in
      DataFile(
        role: index == 0 ? "training" : "validation", path: file.path, hash: file.sha256,
        rowCount: index == 0 ? data.summary.exampleCount : data.summary.validationCount)
    }
  }

  private static func history(_ state: LoopState) -> [Point] {
    let stepsPerEpoch = Double(max(1, state.stepsPerEpoch))
    var points: [Int: Point] = [:]
    for loss in state.losses {
      points[loss.step] = Point(
        step: loss.step, epoch: Double(loss.step) / stepsPerEpoch, trainingLoss: loss.loss)
    }
    for record in state.evaluations {
      var point = points[record.step] ?? Point(step: record.step, epoch: record.epoch)
      point.validationLoss = record.validationLoss
      point.metric = record.value
      points[record.step] = point
    }
    return points.values.sorted { $0.step < $1.step }
  }

  private mutating func addMetrics(_ evaluation: FinalEvaluation?) {
    guard let evaluation else { return }
    for metric in SwiftletTraining.Metric.allCases {
      guard let value = evaluation.metrics.value(of: metric), value.isFinite else { continue }
      metrics.append(Metric(metric.rawValue, value, interval: evaluation.interval(of: metric)))
    }
    switch evaluation {
    case .classification(let metrics): confusion = metrics.confusion
    case .tokens(let metrics):
      entities = metrics.perKind.map {
        Entity(
          name: $0.label, count: $0.support, precision: $0.precision, recall: $0.recall, f1: $0.f1)
      }
    default: break
    }
  }

  private mutating func addLabels(_ data: PreparedData, _ evaluation: FinalEvaluation?) {
    let scores: [ClassScore] =
      switch evaluation {
      case .classification(let metrics): metrics.perClass
      case .multiLabel(let metrics): metrics.perLabel
      default: []
      }
    for (index, name) in data.labels.enumerated() {
      var label = Label(name, trainingRows: data.summary.labelCounts?.counts[index] ?? 0)
      label.validationRows = data.summary.validationLabelCounts?.counts[index]
      if let score = scores.indices.contains(index) ? scores[index] : nil {
        (label.precision, label.recall, label.f1) = (score.precision, score.recall, score.f1)
      }
      labels.append(label)
    }
  }
}

extension TrainingReport.Distillation {
  fileprivate init(
    _ facts: DistillationFacts, _ evaluation: FinalEvaluation?,
    metric: SwiftletTraining.Metric?
  ) {
    self.init(
      teacher: facts.teacher, teacherLayerCount: facts.teacherLayerCount, layers: facts.layers,
      width: facts.width,
      temperature: facts.temperature, alpha: facts.alpha, hiddenWeight: facts.hiddenWeight,
      teacherValue: metric.flatMap { facts.teacherMetrics?.metrics.value(of: $0) },
      shareKept: metric.flatMap { facts.share(of: $0, kept: evaluation) },
      measuresAgreement: facts.measuresAgreement)
  }
}

extension FinalEvaluation {
  /// The 95 % interval of a metric that is a share of rows; nil for others.
  package func interval(of metric: Metric) -> ClosedRange<Double>? {
    switch (self, metric) {
    case (.classification(let metrics), .accuracy): metrics.correct.interval
    case (.multiLabel(let metrics), .subsetAccuracy): metrics.exact.interval
    case (.tokens(let metrics), .accuracy): metrics.tokens.interval
    case (.questions(let metrics), .exactMatch): metrics.all.exact.interval
    case (.choices(let metrics), .accuracy): metrics.correct.interval
    default: nil
    }
  }
}
