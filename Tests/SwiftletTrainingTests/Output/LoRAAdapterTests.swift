import Foundation
import SwiftletSafetensors
import Testing

@testable import SwiftletTraining

@Suite struct LoRAAdapterTests {
  private static let golden = TrainingFixtures.path("training/adapter")

  private struct Merged: Decodable {
    let merged: [String: [Float]]
  }

  @Test func `An adapter of peft is read, and written as peft writes it`() throws {
    let adapter = try LoRAAdapter(directory: Self.golden)
    #expect(adapter.rank == 3 && adapter.alpha == 6 && adapter.dropout == 0.1)
    #expect(adapter.layers.count == 4 || adapter.layers.count == 2 * adapter.targetModules.count)
    #expect(adapter.savedTensors.map(\.name).contains("pre_classifier.weight"))
    let kept = ProcessInfo.processInfo.environment["SWIFTLET_WRITTEN_ADAPTER"]
    let folder = try OutputFolder(keptIn: kept)
    try adapter.write(to: folder.path)
    let name = "adapter_model.safetensors"
    #expect(
      try folder.data(name) == Data(contentsOf: URL(filePath: "\(Self.golden)/\(name)")))
    let ours = try folder.object("adapter_config.json")
    let data = try Data(contentsOf: URL(filePath: "\(Self.golden)/adapter_config.json"))
    let theirs = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(ours.count == 20)
    for (key, value) in ours {
      #expect(value as? NSObject == theirs[key] as? NSObject, "\(key)")
    }
    #expect(try LoRAAdapter(directory: folder.path) == adapter)
  }

  @Test func `Merged weights are those of peft`() throws {
    let adapter = try LoRAAdapter(directory: Self.golden)
    let data = try Data(contentsOf: URL(filePath: Self.golden + "/merged.json"))
    let merged = try JSONDecoder().decode(Merged.self, from: data).merged
    let base = try SafetensorsCheckpoint(
      directory: TrainingFixtures.path("checkpoints/no-prefix"))
    var count = 0
    for layer in adapter.layers where layer.name.contains("layer.0.") {
      let name = layer.name + ".weight"
      let bare = String(name.dropFirst("distilbert.".count))
      var weights = try base.floats(base.tensor(name) == nil ? bare : name)
      weights.withUnsafeMutableBufferPointer { adapter.merge(layer, into: $0) }
      let expected = try #require(merged[name])
      #expect(zip(weights, expected).allSatisfy { abs($0 - $1) <= 1e-6 })
      #expect(weights.count == expected.count)
      count += 1
    }
    #expect(count == 2)
  }

  @Test(arguments: [
    (#""use_dora": false"#, #""use_dora": true"#), (#""bias": "none""#, #""bias": "all""#),
    (#""peft_type": "LORA""#, #""peft_type": "IA3""#), (#""r": 3"#, #""r": 4"#),
    (#""rank_pattern": {}"#, #""rank_pattern": {"q_lin": 2}"#),
    (#""init_lora_weights": true"#, #""init_lora_weights": "pissa""#), (#""r": 3"#, #""r": -1"#),
  ])
  func `Settings that merging does not know are errors`(before: String, after: String) throws {
    let folder = try OutputFolder()
    for name in LoRAAdapter.files {
      try FileManager.default.copyItem(
        atPath: "\(Self.golden)/\(name)", toPath: folder.file(name))
    }
    let text = String(decoding: try folder.data("adapter_config.json"), as: UTF8.self)
    #expect(text.contains(before))
    try folder.write(text.replacing(before, with: after), to: "adapter_config.json")
    #expect(throws: TrainingError.self) { try LoRAAdapter(directory: folder.path) }
  }

  @Test func `A folder without an adapter is an error, and rank stabilisation changes the scale`()
    throws
  {
    let folder = try OutputFolder()
    #expect(throws: TrainingError.self) { try LoRAAdapter(directory: folder.path) }
    var adapter = LoRAAdapter(rank: 4, alpha: 8, targetModules: ["query"])
    #expect(adapter.scale == 2)
    adapter.usesRankStabilization = true
    #expect(adapter.scale == 4)
  }
}
