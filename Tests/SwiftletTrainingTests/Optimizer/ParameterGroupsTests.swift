import SwiftletCheckpoint
import Testing

@testable import SwiftletTraining

@Suite struct ParameterGroupsTests {
  private static let embedding = ("embeddings.word_embeddings.weight", nil as Int?)
  private static let firstLayer = ("encoder.layer.0.output.dense.weight", 0 as Int?)
  private static let lastLayer = ("encoder.layer.2.output.dense.weight", 2 as Int?)
  private static let pooler = ("pooler.dense.weight", nil as Int?)
  private static let head = ("classifier.weight", nil as Int?)
  private static let all = [embedding, firstLayer, lastLayer, pooler, head]

  /// The factors of embedding, first layer, last layer, pooler and head; nil where frozen.
  private func factors(_ groups: ParameterGroups) -> [Double?] {
    Self.all.map { groups.group(name: $0.0, layer: $0.1, decays: true)?.rateFactor }
  }

  @Test func `Without options every tensor has the rate of the training`() throws {
    #expect(factors(try ParameterGroups(layerCount: 3)) == [1, 1, 1, 1, 1])
  }

  @Test func `The rate falls with the depth as in ELECTRA`() throws {
    let groups = try ParameterGroups(layerCount: 3, layerDecay: 0.5)
    #expect(factors(groups) == [0x1p-5, 0x1p-4, 0x1p-2, 0x1p-1, 1])
  }

  @Test func `The head has a rate of its own`() throws {
    let groups = try ParameterGroups(layerCount: 3, layerDecay: 0.5, headRateFactor: 20)
    #expect(factors(groups) == [0x1p-5, 0x1p-4, 0x1p-2, 0x1p-1, 20])
  }

  @Test func `A new pooler counts as the head`() throws {
    var freezing = Freezing()
    freezing.body = true
    let groups = try ParameterGroups(
      layerCount: 3, freezing: freezing, headRateFactor: 2, newNames: [Self.pooler.0])
    #expect(factors(groups) == [nil, nil, nil, 2, 2])
  }

  @Test func `Frozen tensors have no group`() throws {
    var freezing = Freezing()
    freezing.embeddings = true
    #expect(
      factors(try ParameterGroups(layerCount: 3, freezing: freezing)) == [nil, 1, 1, 1, 1])
    freezing.layers = 2
    #expect(
      factors(try ParameterGroups(layerCount: 3, freezing: freezing)) == [nil, nil, 1, 1, 1])
    freezing = Freezing()
    freezing.body = true
    #expect(
      factors(try ParameterGroups(layerCount: 3, freezing: freezing)) == [nil, nil, nil, nil, 1])
  }

  @Test func `Biases and norms do not decay`() throws {
    let groups = try ParameterGroups(layerCount: 1)
    let classifier = Parameter.linear("classifier", inputs: 2, outputs: 2)
    #expect(classifier.map { groups.group(of: $0)?.decays } == [true, false])
  }

  @Test func `Values out of range are refused with their flag`() {
    var freezing = Freezing()
    freezing.layers = 4
    let error = #expect(throws: TrainingError.self) {
      try ParameterGroups(layerCount: 3, freezing: freezing)
    }
    #expect(
      error?.description == "--freeze is layers:4, but the model has 3 layers")
    for decay in [0, -1, 1.1, .nan] {
      #expect(throws: TrainingError.self) {
        try ParameterGroups(layerCount: 3, layerDecay: decay)
      }
    }
    #expect(throws: TrainingError.self) {
      try ParameterGroups(layerCount: 3, headRateFactor: 0)
    }
  }
}
