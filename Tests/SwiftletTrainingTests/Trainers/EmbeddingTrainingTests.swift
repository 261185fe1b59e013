import Foundation
import Swiftlet
import SwiftletEncoder
import SwiftletKernelCore
import SwiftletSafetensors
import SwiftletTokenizer
import Testing

@testable import SwiftletTraining

@Suite struct EmbeddingTrainingTests {
  private static let scored = (0..<24).map { number in
    TrainingExample.similar(
      ["the film was good \(number % 4)", "the movie was bad \(number % 7)"],
      score: Double(number % 6) / 5)
  }

  private func training(
    _ base: String, _ method: TrainingOptions.Method = .full,
    _ examples: [TrainingExample] = scored, validation: [TrainingExample]? = nil
  ) -> SmallTraining {
    var small = SmallTraining(base, method)
    (small.training, small.validation) = (examples, validation ?? Array(examples.prefix(8)))
    return small
  }

  private func context(_ request: TrainingRequest) throws -> TrainingContext {
    let base = try BaseModel(request.model, embeds: true)
    let data = try PreparedData(
      training: request.training, validation: request.validation,
      encoding: DataEncoding(
        tokenizer: base.tokenizer, configuration: base.configuration, maxLength: 32))
    return try TrainingContext(request, base, data)
  }

  // MARK: Dense layers

  private static let dense = "2_Dense/model.safetensors"

  private func denseValues(_ folder: String) throws -> [String: [Float]] {
    let file = try SafetensorsFile(path: "\(folder)/\(Self.dense)")
    return Dictionary(
      uniqueKeysWithValues: try file.tensors.map { ($0.name, try file.floats($0.name)) })
  }

  @Test(
    arguments: ["heads/embed-max", "heads/embed-joined", "heads/bert-embed-cls"],
    [.full, .head, .lora(rank: 2, alpha: 2, targets: [])] as [TrainingOptions.Method])
  func `The written dense layer is the trained one, and its model embeds as the network`(
    base: String, method: TrainingOptions.Method
  ) throws {
    let folder = try OutputFolder()
    let context = try context(training(base, method).request(folder.file("model")))
    let training = try TrainingSession.embeddings(context)
    // The training itself releases it at its end.
    let network = training.network
    _ = try training.run(unless: .never) { _ in }
    let (before, after) = (
      try denseValues(TrainingFixtures.path(base)), try denseValues(folder.file("model"))
    )
    #expect(before.keys.sorted() == after.keys.sorted())
    for (name, values) in before { #expect(after[name] != values, "\(name)") }
    #expect(try folder.contents(of: "model").contains("2_Dense/config.json"))
    let embedder = try Embedder(directory: folder.file("model"))
    for text in ["the film", "a good movie never"] {
      var batch = PackedBatch()
      batch.append(context.base.tokenizer.encode(text).ids)
      let row = try network.forward(batch, step: 0, firstSequence: 0, training: false)
      for (index, value) in try embedder.embed(text).vector.enumerated() {
        #expect(abs(value - row.row(0)[index]) <= 1e-5 * (1 + abs(value)))
      }
    }
  }

  @Test func `Without validation the trained dense layer is written too`() throws {
    let folder = try OutputFolder()
    var small = training("heads/embed-max", .head)
    small.change = { $0.validation = .none }
    try small.run(folder.file("model"))
    #expect(try denseValues(folder.file("model")) != denseValues(small.base))
  }

  @Test func `Dense weights of torch become safetensors`() throws {
    let folder = try OutputFolder()
    try FileManager.default.copyItem(
      atPath: TrainingFixtures.path("heads/embed-joined"), toPath: folder.file("base"))
    try FileManager.default.removeItem(atPath: folder.file("base/\(Self.dense)"))
    try FileManager.default.copyItem(
      atPath: TrainingFixtures.path("pytorch/dense/zip.bin"),
      toPath: folder.file("base/2_Dense/pytorch_model.bin"))
    var small = training("heads/embed-joined")
    let before = try denseValues(small.base)
    small.base = folder.file("base")
    try small.run(folder.file("model"))
    #expect(try denseValues(folder.file("model")) != before)
    let files = try folder.contents(of: "model").filter { $0.hasPrefix("2_Dense/") }
    #expect(files == ["2_Dense/config.json", Self.dense])
    // The report names the files, so that the folder can be replaced.
    small.change = { $0.replacesOutput = true }
    try small.run(folder.file("model"))
  }

  @Test(arguments: [TrainingOptions.Method.full, .head])
  func `A resumed training continues with its dense layer`(method: TrainingOptions.Method) throws {
    let folder = try OutputFolder()
    let small = training("heads/embed-max", method)
    try small.run(folder.file("whole"))
    let reasons = try small.runInterrupted(folder.file("stopped"), after: 3)
    #expect(reasons == [.cancelled, .completed])
    for name in ["model.safetensors", Self.dense] {
      #expect(try folder.data("whole/\(name)") == folder.data("stopped/\(name)"))
    }
  }

  // MARK: Examples

  @Test(arguments: [(2, 3), (3, 2), (3, 4)])
  func `An example with another number of texts than the first is an error`(
    first: Int, other: Int
  ) throws {
    var examples = (0..<9).map { number in
      TrainingExample.similar((0..<first).map { "film \(number) \($0)" })
    }
    examples[6] = .similar((0..<other).map { "plot \($0)" })
    let error = #expect(throws: TrainingError.self) {
      try training("heads/embed-mean", .full, examples).run(nil)
    }
    #expect(
      error
        == .invalidRow(
          file: nil, line: 7,
          reason: "expected \(first) texts, as in the first example; found \(other)"))
  }

  // MARK: Validation

  private static let unscored = (0..<24).map { number in
    TrainingExample.similar(["the film was good \(number)", "the movie was great \(number)"])
  }

  @Test func `Pairs without scores train, and pairs with scores select the best weights`() throws {
    let folder = try OutputFolder()
    try folder.write(
      "anchor\tpositive\n" + (0..<24).map { "good film \($0)\tgreat movie \($0)\n" }.joined(),
      to: "pairs.tsv")
    try folder.write(
      "sentence1\tsentence2\tscore\n"
        + (0..<12).map { "a good \($0)\ta bad \($0 % 5)\t\($0 % 6)\n" }.joined(),
      to: "scores.tsv")
    var small = training("heads/embed-mean")
    small.change = {
      $0.training = .file(folder.file("pairs.tsv"))
      $0.validation = .data(.file(folder.file("scores.tsv")))
      $0.options.evaluateEvery = .steps(2)
    }
    let outcome = try small.run(folder.file("model"))
    #expect(outcome.history.map(\.step) == [2, 4, 6])
    for record in outcome.history {
      #expect(record.validationLoss == nil && record.trainingLoss?.isFinite == true)
      #expect(record.metrics.map(\.metric) == [.spearman, .pearson])
      #expect(record.value == record.metrics[0].value && record.value.isFinite)
    }
    #expect(outcome.summary.best?.value == outcome.history.map(\.value).max())
    let metrics = try #require(outcome.evaluation?.metrics)
    #expect(metrics.loss == nil && metrics.value(of: .spearman) == outcome.summary.best?.value)
    let report = try folder.object("model/training.json")
    #expect(report["metric"] as? String == "spearman")
    let ranked = small.change
    small.change = {
      ranked(&$0)
      $0.options.metric = .loss
    }
    let error = #expect(throws: TrainingError.self) { try small.run(nil) }
    #expect(error?.description.contains("it has spearman, pearson") == true)
  }

  @Test func `Pairs with scores are not validated by pairs without`() throws {
    let small = training("heads/embed-mean", .full, Self.scored, validation: Self.unscored)
    let error = #expect(throws: TrainingError.self) { try TrainingSession(small.request(nil)) }
    guard case .invalidOption(let name, let reason)? = error else { return }
    #expect(name == "--validation" && reason.contains("give pairs with a score"))
  }

  // MARK: Losses

  @Test(arguments: [("the film", true), ("The  Film", true), ("the plot", false)])
  func `A positive that another example has too is not its negative`(
    text: String, isEqual: Bool
  ) throws {
    let examples: [TrainingExample] = [
      .similar(["a good cat", "the film"]), .similar(["a bad movie", text]),
    ]
    var small = training("heads/embed-mean", .full, examples)
    small.change = { $0.validation = .none }
    let objective = EmbeddingObjective(
      try context(small.request(nil)).data.training, loss: .ranking)
    let group = ExampleGroup(examples: [1, 0], epoch: 0, step: 0, isTraining: true)
    let outputs = PaddedRows([1, 0, 0, 1, 0, 1, 0, 1], columns: 2)
    let gradient = PaddedRows([Float](repeating: .nan, count: 8), columns: 2)
    let loss = objective.loss(
      of: 0..<2, in: group, outputs: outputs.matrix, normalizer: 2, gradient: gradient.matrix)
    #expect(isEqual ? loss == 0 : loss > 0.5)
    #expect(gradient.values.allSatisfy { $0 == 0 } == isEqual)
  }

  private static let triplets = (0..<24).map { number in
    TrainingExample.similar(
      ["the good film \(number)", "a great movie \(number)", "the bad plot \(number)"])
  }

  @Test(arguments: TrainingOptions.EmbeddingLoss.allCases)
  func `Every loss falls`(loss: TrainingOptions.EmbeddingLoss) throws {
    let pairs = (0..<24).map { number in
      TrainingExample.similar(
        ["the good film \(number)", "the \(number % 2 == 0 ? "great" : "boring") movie \(number)"],
        score: number % 2 == 0 ? 1 : 0)
    }
    var small = training("heads/embed-mean", .full, loss.needsScores ? pairs : Self.triplets)
    small.steps = 30
    small.change = {
      $0.validation = .none
      $0.options.loss = loss
      // Every step has all examples.
      ($0.options.batchSize, $0.options.dropout, $0.options.warmup) = (24, 0, 0)
      $0.options.learningRate = 2e-3
    }
    var losses: [Double] = []
    _ = try TrainingSession(small.request(nil)).run { event in
      if case .step(let report) = event { losses.append(report.stepLoss ?? .nan) }
    }
    #expect(losses.count == 30 && losses.allSatisfy { $0.isFinite })
    #expect(losses[29] < losses[0], "\(losses)")
  }

  @Test func `Each loss trains other weights, and the usual ones follow from the scores`() throws {
    func weights(_ examples: [TrainingExample], _ loss: TrainingOptions.EmbeddingLoss?) throws
      -> Data
    {
      let folder = try OutputFolder()
      var small = training("heads/embed-mean", .full, examples)
      small.change = { $0.options.loss = loss }
      try small.run(folder.file("model"))
      return try folder.data("model/model.safetensors")
    }
    let ranked = try weights(Self.triplets, nil)
    #expect(try weights(Self.triplets, .ranking) == ranked)
    #expect(try weights(Self.triplets, .triplet) != ranked)
    let ordered = try weights(Self.scored, nil)
    #expect(try weights(Self.scored, .cosent) == ordered)
    #expect(try weights(Self.scored, .cosine) != ordered)
  }

  private static let stars = (0..<24).map { number in
    TrainingExample.similar(["film \(number)", "movie \(number)"], score: Double(number % 6))
  }

  @Test(
    arguments: [
      (.triplet, unscored, "the training data have 2 texts in an example"),
      (.triplet, scored, "takes no scores"), (.ranking, scored, "takes no scores"),
      (.cosent, unscored, "needs pairs with a score"),
      (.cosine, triplets, "needs pairs with a score"),
      (.cosine, stars, "needs scores from -1 to 1, but example 3 has 2.0"),
    ] as [(TrainingOptions.EmbeddingLoss, [TrainingExample], String)])
  func `A loss that does not fit the training data is an error`(
    loss: TrainingOptions.EmbeddingLoss, examples: [TrainingExample], words: String
  ) throws {
    var small = training("heads/embed-mean", .full, examples)
    small.change = { $0.options.loss = loss }
    let error = #expect(throws: TrainingError.self) { try TrainingSession(small.request(nil)) }
    #expect(error?.description.hasPrefix("--loss is \(loss.rawValue), which ") == true)
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test(
    arguments: [
      (.triplet, triplets, unscored, "the validation data have 2 texts"),
      (.cosine, scored, stars, "needs scores from -1 to 1"), (.ranking, triplets, unscored, nil),
      (.triplet, triplets, stars, nil), (.cosent, scored, stars, nil),
    ] as [(TrainingOptions.EmbeddingLoss, [TrainingExample], [TrainingExample], String?)])
  func `A loss is validated on data that fit it, or on scores`(
    loss: TrainingOptions.EmbeddingLoss, examples: [TrainingExample],
    validation: [TrainingExample], words: String?
  ) throws {
    var small = training("heads/embed-mean", .full, examples, validation: validation)
    small.change = { $0.options.loss = loss }
    guard let words else {
      let outcome = try small.run(nil)
      #expect((outcome.evaluation?.metrics.loss == nil) == (loss == .triplet))
      return
    }
    let error = #expect(throws: TrainingError.self) { try TrainingSession(small.request(nil)) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func `Other tasks have no loss to select`() throws {
    var small = SmallTraining("checkpoints/bare", .full)
    small.change = { $0.options.loss = .triplet }
    let error = #expect(throws: TrainingError.self) { try TrainingSession(small.request(nil)) }
    #expect(error?.description.contains("--loss is triplet, which is for --task embed") == true)
  }
}
