import Foundation
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletKernelCore
import Testing

@testable import SwiftletTraining

@Suite struct LoRATrainingTests {
  static let bases = ["checkpoints/bare", "checkpoints/bert-bare"]

  private func training(
    _ base: String, targets: [String] = [], threads: Int = 2
  ) -> SmallTraining {
    var training = SmallTraining(base, .lora(rank: 3, alpha: 6, targets: targets))
    training.threads = threads
    training.change = { $0.writesAdapter = true }
    return training
  }

  @Test(arguments: bases, [[], ["lin1", "dense", "k_lin", "key"]])
  func `The written weights are those of the base with the adapter merged`(
    base: String, all: [String]
  ) throws {
    let isBERT = base.contains("bert-")
    let targets = all.filter { ["dense", "key"].contains($0) == isBERT }
    let folder = try OutputFolder.trained()
    let output = folder.file("lora-\(isBERT ? "bert" : "distilbert")-\(targets.count)")
    try training(base, targets: targets).run(output)
    let before = try CheckpointTensors(TrainingFixtures.path(base)).values
    let after = try CheckpointTensors(output).values
    let adapter = try LoRAAdapter(directory: output + "/adapter")
    let prefix = isBERT ? "bert." : "distilbert."
    var merged = before
    for layer in adapter.layers {
      #expect(layer.b.contains { $0 != 0 })
      let name = String(layer.name.dropFirst(prefix.count)) + ".weight"
      var weights = try #require(before[name])
      weights.withUnsafeMutableBufferPointer { adapter.merge(layer, into: $0) }
      #expect(weights != before[name])
      merged[name] = weights
      expectSameOutputs(adapter, layer, base: try #require(before[name]), merged: weights)
    }
    let expectedCount = targets.isEmpty ? 4 : isBERT ? 9 : 4
    #expect(adapter.layers.count == expectedCount)
    for (name, values) in merged { #expect(after[name] == values, "\(name)") }
    #expect(adapter.savedModules.contains("classifier"))
    for saved in adapter.savedTensors { #expect(after[saved.name] == saved.values) }
  }

  /// x (W0 + s B A)ᵀ = x W0ᵀ + s (x Aᵀ) Bᵀ
  private func expectSameOutputs(
    _ adapter: LoRAAdapter, _ layer: LoRAAdapter.Layer, base: [Float], merged: [Float]
  ) {
    let x: [Double] = (0..<layer.inputs).map { index in
      let number = (index * 37 + 11) % 101
      return Double(number - 50) / 50
    }
    func product(_ matrix: [Float], _ x: [Double]) -> [Double] {
      (0..<matrix.count / x.count).map { row in
        var sum = 0.0
        for index in x.indices { sum += Double(matrix[row * x.count + index]) * x[index] }
        return sum
      }
    }
    let added = product(layer.b, product(layer.a, x))
    let (whole, part) = (product(merged, x), product(base, x))
    for output in whole.indices {
      let change = whole[output] - part[output]
      #expect(abs(change - adapter.scale * added[output]) <= 1e-5)
    }
  }

  @Test(arguments: bases)
  func `The gradients of A and B are the slopes of the loss`(base: String) throws {
    let targets = base.contains("bert-") ? ["dense", "value"] : ["lin2", "q_lin"]
    let context = try training(base, targets: targets).context()
    let training = try TaskTraining<SequenceClassificationHead, ClassificationObjective>(
      context, objective: ClassificationObjective(context.data.training, loss: CrossEntropy()),
      validation: nil, load: TrainingSession.loadSequenceHead)
    let network = training.network
    let adaptation = try #require(network.adaptation)
    // A gradient of A needs a B that is not zero.
    for layer in adaptation.layers {
      for index in 0..<layer.b.count { layer.b.values[index] = Float(index % 7 - 3) / 10 }
    }
    var batch = PackedBatch()
    for example in 0..<4 { context.data.training.append(example, to: &batch) }
    func outputs() throws -> [Float] {
      network.weightsDidChange()
      let rows = try network.forward(batch, step: 0, firstSequence: 0, training: false)
      return (0..<rows.rows).flatMap { row in (0..<rows.columns).map { rows.row(row)[$0] } }
    }
    func loss() throws -> Double {
      try outputs().enumerated().reduce(0) {
        $0 + Double($1.element) * Double(20 * ($1.offset % 3 - 1))
      }
    }
    let count = try outputs().count
    let gradient = network.model.outputGradient(rows: count / 2)
    for index in 0..<count { gradient.row(index / 2)[index % 2] = Float(20 * (index % 3 - 1)) }
    network.clearGradients()
    network.backward(gradient)
    network.completeGradients()
    var largest: Float = 0
    for tensor in adaptation.tensors {
      let places = stride(from: 0, to: tensor.count, by: max(1, tensor.count / 5))
      let slopes = places.map { tensor.gradients[$0] }
      for (place, slope) in zip(places, slopes) {
        let value = tensor.values[place]
        let step: Float = 4e-3
        tensor.values[place] = value + step
        let above = try loss()
        tensor.values[place] = value - step
        let below = try loss()
        tensor.values[place] = value
        let difference = Float((above - below) / Double(2 * step))
        #expect(abs(difference - slope) <= 5e-4 + 1e-2 * abs(slope), "\(tensor.parameters[0].name)")
        largest = max(largest, abs(slope))
      }
    }
    #expect(largest > 0.01)
  }

  @Test func `A resumed training and another number of threads write the same bytes`() throws {
    let folder = try OutputFolder()
    let names = ["model.safetensors", "adapter/adapter_model.safetensors"]
    for base in Self.bases {
      let place = String(base.dropFirst("checkpoints/".count))
      try training(base).run(folder.file(place + "-whole"))
      try training(base, threads: 1).run(folder.file(place + "-one"))
      let reasons = try training(base).runInterrupted(folder.file(place + "-resumed"), after: 3)
      #expect(reasons == [.cancelled, .completed])
      for name in names {
        let whole = try folder.data("\(place)-whole/\(name)")
        #expect(try folder.data("\(place)-one/\(name)") == whole, "\(name)")
        #expect(try folder.data("\(place)-resumed/\(name)") == whole, "\(name)")
      }
    }
  }

  @Test func `A tagger gets an adapter with its own layer`() throws {
    var training = training("checkpoints/bare")
    training.training = SmallTraining.texts(8).map { item in
      let words = item.text.split(separator: " ").map(String.init)
      return .words(words, tags: words.map { $0 == "good" ? "B-PRAISE" : "O" })
    }
    training.change = {
      $0.validation = .none
      $0.writesAdapter = true
    }
    let folder = try OutputFolder.trained()
    try training.run(folder.file("lora-tokens"))
    let adapter = try LoRAAdapter(directory: folder.file("lora-tokens/adapter"))
    #expect(adapter.task == "TOKEN_CLS" && adapter.savedModules == ["classifier"])
    #expect(adapter.layers.map(\.name).contains("distilbert.transformer.layer.0.attention.q_lin"))
  }

  @Test func `The memory of an adapted model is less than that of a whole one`() throws {
    func network(
      _ method: TrainingOptions.Method
    ) throws -> ModelNetwork<SequenceClassificationHead> {
      let context = try SmallTraining("checkpoints/bare", method).context()
      return try TaskTraining<SequenceClassificationHead, ClassificationObjective>(
        context, objective: ClassificationObjective(context.data.training, loss: CrossEntropy()),
        validation: nil, load: TrainingSession.loadSequenceHead
      ).network
    }
    let whole = try network(.full)
    let adapted = try network(.lora(rank: 2, alpha: 2, targets: []))
    // A [2, 30] and B [30, 2] of query and value in two layers, and the head.
    #expect(adapted.trainedParameterCount == 4 * 120 + 30 * 31 + 2 * 31)
    #expect(adapted.bytes(forTokens: 64) < whole.bytes(forTokens: 64))
    let head = try network(.head)
    #expect(adapted.bytes(forTokens: 64) > head.bytes(forTokens: 64) + 4 * 2 * 4 * 900)
  }

  @Test func `A layer that the model does not have is named with those it has`() throws {
    let training = training("checkpoints/bare", targets: ["query"])
    #expect(throws: TrainingError.self) { try training.run(nil) }
    do {
      try training.run(nil)
    } catch let error as TrainingError {
      #expect(error.description.contains("names the layer query, which"))
      #expect(error.description.contains("\"q_lin\"") || error.description.contains("q_lin"))
    }
  }

  @Test func `An adapter is refused for other methods`() throws {
    var training = SmallTraining("checkpoints/bare", .head)
    training.change = { $0.writesAdapter = true }
    #expect(throws: TrainingError.self) { try training.run(nil) }
  }
}
