import SwiftletCheckpoint
import Testing

@testable import SwiftletTraining

@Suite struct `Options of a distillation` {
  private func failure(
    _ teacher: String = DistillationSample.distilBERT,
    _ student: DistillationOptions.Student = .layers(1),
    _ data: TrainingData = DistillationSample.unlabelled(),
    _ change: (inout DistillationRequest) -> Void = { _ in },
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    var request = DistillationSample.request(teacher, student, data)
    change(&request)
    return try DistillationSample.failure(request, sourceLocation: sourceLocation)
  }

  @Test func `The teacher is not its own student`() throws {
    let path = DistillationSample.distilBERT
    #expect(try failure(path, .model(path + "/")).contains("is the teacher"))
  }

  @Test func `The output is not the teacher`() throws {
    let text = try failure { $0.training.output = DistillationSample.distilBERT }
    #expect(text.contains("is the base model itself"))
  }

  @Test func `Hidden rows of another width are refused`() throws {
    let text = try failure(
      DistillationSample.distilBERT, .model(DistillationSample.bert)
    ) { $0.distillation.hiddenWeight = 1 }
    #expect(text.hasPrefix("--hidden-weight") && text.contains("25") && text.contains("28"))
  }

  @Test func `A student with another vocabulary is refused`() throws {
    let cased = TrainingFixtures.path("checkpoints/bert-cased")
    #expect(try failure(DistillationSample.distilBERT, .model(cased)).contains("vocabulary"))
  }

  @Test(arguments: [0, 3, 99])
  func `A teacher has no more layers than it has`(count: Int) throws {
    #expect(try failure(DistillationSample.bert, .layers(count)).contains("give 1 to 2"))
  }

  @Test(arguments: [[], [1, 0], [0, 0], [2], [-1]])
  func `Layers that are missing, repeated or in another order are refused`(layers: [Int]) throws {
    #expect(try failure(DistillationSample.bert, .keeping(layers)).hasPrefix("--keep-layers"))
  }

  @Test func `Numbers out of range name their flag`() throws {
    let changes: [(String, (inout DistillationOptions) -> Void)] = [
      ("--temperature", { $0.temperature = 0 }), ("--temperature", { $0.temperature = .nan }),
      ("--alpha", { $0.alpha = 1.5 }), ("--alpha", { $0.alpha = -0.1 }),
      ("--alpha", { $0.alpha = 0 }), ("--hidden-weight", { $0.hiddenWeight = -1 }),
    ]
    for (flag, change) in changes {
      #expect(try failure { change(&$0.distillation) }.hasPrefix(flag))
    }
  }

  @Test func `Options without a use are refused`() throws {
    #expect(try failure { $0.distillation.alpha = 0.5 }.contains("no row has a true label"))
    #expect(try failure { $0.training.options.labelSmoothing = 0.1 }.contains("--alpha 1"))
    #expect(try failure { $0.training.options.classWeights = .balanced }.contains("--alpha 1"))
    #expect(try failure { $0.training.options.method = .probe }.hasPrefix("--method"))
    let converted = try failure(DistillationSample.bert) {
      $0.training.options.convertsToDistilBERT = true
    }
    #expect(converted.hasPrefix("--distilbert") && converted.contains("--architecture"))
    #expect(try failure { $0.training.options.loss = .ranking }.hasPrefix("--loss"))
    #expect(
      try failure(DistillationSample.regression) { $0.distillation.temperature = 2 }
        .contains("regression"))
    #expect(
      try failure(DistillationSample.bert, .model(DistillationSample.distilBERT)) {
        $0.distillation.architecture = .bert
      }.hasPrefix("--architecture"))
  }

  @Test func `Options that the task does not use are refused`() throws {
    let rows = TrainingData.examples(
      DistillationSample.texts(20).map { .value($0, value: Double($0.utf8.count % 7) / 3) })
    let weighted = try failure(DistillationSample.regression, .layers(1), rows) {
      $0.training.options.classWeights = .balanced
    }
    #expect(weighted.hasPrefix("--class-weights") && weighted.contains("regression"))
    let smoothed = try failure(DistillationSample.regression, .layers(1), rows) {
      $0.training.options.labelSmoothing = 0.1
    }
    #expect(smoothed.hasPrefix("--label-smoothing") && smoothed.contains("regression"))
  }

  @Test func `Rows without labels do not count for balanced weights`() throws {
    let texts = DistillationSample.texts(20)
    let labels = [["negative"], ["negative", "neutral"], ["negative", "positive"], []]
    // 8 rows with labels: 6 negative, 2 neutral, 2 positive.
    let examples = texts.enumerated().map { index, text in
      index < 8 ? TrainingExample.multiLabel(text, labels: labels[index % 4]) : .text(text)
    }
    let base = try BaseModel(DistillationSample.multiLabel, embeds: false)
    var request = TrainingRequest(
      model: base.path, training: .examples(examples), validation: .none)
    request.options.classWeights = .balanced
    let data = try PreparedData(
      training: request.training, validation: request.validation,
      encoding: DataEncoding(
        tokenizer: base.tokenizer, configuration: base.configuration, maxLength: 32),
      task: .multiLabel, baseLabels: base.labels, keepsUnlabelled: true)
    let weights = try TrainingContext(request, base, data).classWeights()
    #expect(weights == [Float(2.0 / 6), 3, 3])
  }

  @Test func `A label that the teacher does not have names its row`() throws {
    let data = TrainingData.examples([
      .labeled("great film", label: "POSITIVE"), .labeled("boring plot", label: "awful"),
    ])
    let text = try failure(DistillationSample.distilBERT, .layers(1), data)
    #expect(text.contains("example 2") && text.contains("\"awful\"") && text.contains("NEGATIVE"))
  }

  @Test func `A task other than the teacher's is refused`() throws {
    let text = try failure { $0.training.task = .tokens }
    #expect(text.hasPrefix("--task") && text.contains("classify"))
  }

  @Test func `A model without a classifier can't teach`() throws {
    let text = try failure(TrainingFixtures.path("heads/questions"))
    #expect(text.contains("can't teach") && text.contains("question-answering"))
  }

  @Test func `The memory of the answers counts`() throws {
    let text = try failure { $0.training.options.maxMemory = 100 }
    #expect(text.hasPrefix("--max-memory"))
  }
}
