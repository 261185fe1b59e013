import Foundation
import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletRuntime
import Testing

@testable import SwiftletTraining

@Suite struct `A student before its training` {
  @Test func `Layers are spread evenly from the first one`() {
    #expect(LayerSelection.spread(6, over: 12) == [0, 2, 4, 6, 8, 10])
    #expect(LayerSelection.spread(3, over: 6) == [0, 2, 4])
    #expect(LayerSelection.spread(4, over: 6) == [0, 1, 3, 4])
    #expect(LayerSelection.spread(1, over: 6) == [0])
    for total in 1...24 {
      for count in 1...total {
        let layers = LayerSelection.spread(count, over: total)
        #expect(layers.count == count && layers.first == 0)
        let gaps = zip(layers, layers.dropFirst() + [total]).map { $1 - $0 }
        #expect(gaps.min() ?? 0 >= total / count)
        #expect(gaps.max() ?? 0 <= (total + count - 1) / count)
      }
    }
  }

  @Test(arguments: [0, 1])
  func `It has the weights of the chosen layer, and the teacher's head`(layer: Int) throws {
    let teacher = try BaseModel(DistillationSample.distilBERT, embeds: false)
    let student = try DistillationSample.student(
      of: DistillationSample.distilBERT, [layer], .distilBERT, .classification)
    #expect(student.configuration.layerCount == 1)
    for parameter in student.configuration.parameters(head: .sequenceClassification) {
      let source = parameter.name.replacing("layer.0.", with: "layer.\(layer).")
      #expect(try student.values(parameter.name) == teacher.values(source), "\(parameter.name)")
    }
    #expect(student.checkpoint.resolvedName("transformer.layer.1.ffn.lin1.weight") == nil)
  }

  @Test func `The weights in the trained model are those of the teacher's layer`() throws {
    let teacher = try BaseModel(DistillationSample.bert, embeds: false)
    let student = try DistillationSample.student(
      of: DistillationSample.bert, [1], .distilBERT, .classification)
    let setup = TrainingSetup { _, values in values.update(repeating: 0) }
    let model = try TrainableModel<SequenceClassificationHead>(
      .sequenceClassification, student.configuration, student.checkpoint,
      TrainableModelOptions(setup: setup, pool: WorkerPool(threadCount: 1)))
    var compared = 0
    for tensor in model.tensors {
      for (index, parameter) in tensor.parameters.enumerated() where parameter.layer != nil {
        var values = [Float](repeating: 0, count: parameter.shape.reduce(1, *))
        values.withUnsafeMutableBufferPointer {
          if let target = $0.baseAddress { tensor.copy(index, from: tensor.values, into: target) }
        }
        let places = student.configuration.parameters().filter { $0.layer == 0 }
        let place = try #require(places.firstIndex(of: parameter))
        let sources = teacher.configuration.parameters().filter { $0.layer == 1 }
        #expect(try values == teacher.values(sources[place].name), "\(parameter.name)")
        compared += 1
      }
    }
    #expect(compared == 16)
  }

  @Test(arguments: [
    "checkpoints/bert", "checkpoints/bert-one-type", "checkpoints/bert-three-types",
  ])
  func `A DistilBERT of all layers of a BERT has its hidden rows`(name: String) throws {
    let path = TrainingFixtures.path(name)
    let teacher = try BaseModel(path, embeds: false)
    let student = try DistillationSample.student(
      of: path, Array(0..<teacher.configuration.layerCount), .distilBERT, .classification)
    let pool = WorkerPool(threadCount: 2)
    let batch = DistillationSample.batch(teacher)
    let rows = try [teacher, student].map { model in
      try AnswerEngine(model.configuration, model.checkpoint, .hiddenRows(.tokens), on: pool)
        .rows(of: batch)
    }
    #expect(rows[0].count == batch.tokenCount * teacher.configuration.hiddenSize)
    let largest = zip(rows[0], rows[1]).map { abs($0 - $1) }.max() ?? .infinity
    #expect(largest < 1e-5)
  }

  @Test func `A tagger's student of all layers gives its answers`() throws {
    let path = DistillationSample.tagger
    let teacher = try BaseModel(path, embeds: false)
    let student = try DistillationSample.student(of: path, [0, 1], .distilBERT, .tokens)
    let pool = WorkerPool(threadCount: 1)
    let batch = DistillationSample.batch(teacher)
    let rows = try [teacher, student].map { model in
      try AnswerEngine(model.configuration, model.checkpoint, .logits(.tokens), on: pool)
        .rows(of: batch)
    }
    let largest = zip(rows[0], rows[1]).map { abs($0 - $1) }.max() ?? .infinity
    #expect(rows[0].count == batch.tokenCount * 6 && largest < 1e-5)
  }

  // MARK: The architecture

  @Test func `A BERT teacher makes a DistilBERT unless told otherwise`() throws {
    var request = DistillationSample.request(DistillationSample.bert)
    #expect(try DistillationSession(request).facts.architecture == "distilbert")
    request.distillation.architecture = .bert
    #expect(try DistillationSession(request).facts.architecture == "bert")
  }

  @Test func `Pairs keep the architecture of a BERT with token types`() throws {
    let texts = DistillationSample.texts(20)
    let pairs = TrainingData.examples(texts.map { .text($0, pair: "the film") })
    var request = DistillationSample.request(DistillationSample.bert, .layers(1), pairs)
    let facts = try DistillationSession(request).facts
    #expect(facts.architecture == "bert")
    #expect(facts.lines.contains { $0.contains("pairs with token types") })
    request.distillation.architecture = .distilBERT
    #expect(try DistillationSample.failure(request).contains("use bert"))
  }

  @Test func `Another epsilon of the normalisation keeps the architecture`() throws {
    let request = DistillationSample.request(TrainingFixtures.path("checkpoints/bert-epsilon"))
    let facts = try DistillationSession(request).facts
    #expect(facts.architecture == "bert" && facts.architectureReason?.contains("0.01") == true)
  }

  @Test func `A DistilBERT teacher can't make a BERT`() throws {
    var request = DistillationSample.request(DistillationSample.distilBERT)
    request.distillation.architecture = .bert
    #expect(try DistillationSample.failure(request).contains("--architecture"))
  }
  // MARK: Fine-tuning without a teacher

  @Test func `A BERT base is trained as a DistilBERT on request`() throws {
    let folder = try OutputFolder()
    var request = try SessionCase.all[0].request(folder)
    request.options.convertsToDistilBERT = true
    let outcome = try TrainingSession(request).run()
    let written = try BaseModel(try #require(outcome.folder), embeds: false)
    #expect(written.configuration.architecture == .distilBERT)
    #expect(written.checkpoint.unreadTensors.allSatisfy { !$0.contains("pooler") })
    #expect(try Classifier(directory: folder.file("model")).classify("good fun").label == "pos")
  }

  @Test func `A base that is no BERT for single texts can't become a DistilBERT`() throws {
    var request = DistillationSample.request(DistillationSample.bert).training
    request.options.convertsToDistilBERT = true
    for (base, data, words) in [
      (DistillationSample.distilBERT, labels(nil), "is one already"),
      (TrainingFixtures.path("checkpoints/bert-epsilon"), labels(nil), "layer_norm_eps"),
      (DistillationSample.bert, labels("the film"), "token types"),
    ] {
      request.model = base
      request.training = data
      let error = #expect(throws: TrainingError.self) { try TrainingSession(request) }
      let text = try #require(error).description
      #expect(text.contains("--distilbert") && text.contains(words), "\(text)")
    }
  }

  private func labels(_ pair: String?) -> TrainingData {
    .examples(
      DistillationSample.texts(20).enumerated().map {
        .labeled($1, pair: pair, label: $0 % 2 == 0 ? "yes" : "no")
      })
  }
}
