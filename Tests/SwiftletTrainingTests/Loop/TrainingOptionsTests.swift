import SwiftletCheckpoint
import Testing

@testable import SwiftletTraining

@Suite struct `Options of a training` {
  @Test func `the defaults are valid and are those of the documentation`() throws {
    let options = TrainingOptions()
    try options.validate()
    let values = Dictionary(uniqueKeysWithValues: options.arguments.map { ($0.name, $0.value) })
    #expect(values["epochs"] == "3.0" && values["batch-size"] == "16")
    #expect(values["learning-rate"] == "5e-05" && values["warmup"] == "0.1")
    #expect(values["weight-decay"] == "0.01" && values["gradient-clipping"] == "1.0")
    #expect(values["seed"] == "42" && values["method"] == "full" && values["schedule"] == "linear")
    #expect(values.count == TrainingOptions.fields.count)
  }

  /// A flag, a value out of its range, and what the error must say.
  static let outOfRange: [(String, String)] = [
    ("epochs", "0"), ("epochs", "nan"), ("epochs", "1e7"), ("max-steps", "0"),
    ("time-limit", "0s"), ("patience", "0"), ("minimum-gain", "-1"), ("batch-size", "0"),
    ("batch-size", "100000"), ("gradient-accumulation", "0"), ("gradient-clipping", "-1"),
    ("learning-rate", "0"), ("learning-rate", "-1e-5"), ("learning-rate", "inf"),
    ("head-learning-rate", "0"), ("layer-decay", "0"), ("layer-decay", "1.1"), ("warmup", "-0.1"),
    ("warmup", "2.5"), ("weight-decay", "-0.1"), ("weight-decay", "nan"),
    ("label-smoothing", "1"), ("dropout", "1"), ("dropout", "-0.1"), ("max-length", "2"),
    ("evaluate-every", "0"), ("evaluation-batch-size", "0"), ("save-every", "0"),
    ("log-every", "0"), ("max-memory", "0"), ("threads", "0"), ("threads", "5000"),
    ("method", "last:0"), ("method", "lora:0:8"), ("method", "lora:8:0"), ("freeze", "layers:0"),
    ("method", "lora:65537:8"), ("method", "lora:9223372036854775807:8"), ("method", "lora:8:nan"),
    ("method", "lora:8:1e9"), ("max-steps", "9223372036854775807"),
    ("gradient-accumulation", "9223372036854775807"), ("learning-rate", "nan"),
    ("save-every", "9223372036854775807"), ("max-length", "9223372036854775807"),
    ("class-weights", "0,0"), ("class-weights", "1,-1"), ("class-weights", "nan,1"),
    ("precision", "int8"),
  ]

  @Test(arguments: outOfRange)
  func `a value out of range is an error that names the flag`(flag: String, text: String) throws {
    var options = TrainingOptions()
    try options.set(flag, to: text)
    let error = #expect(throws: TrainingError.self) { try options.validate() }
    guard case .invalidOption(let name, let reason)? = error else { return }
    #expect(name == "--\(flag)")
    #expect(!reason.isEmpty)
  }

  /// Options that are valid alone, and the flag that is wrong in their company.
  static let contradictions: [([(String, String)], String)] = [
    ([("max-steps", "100"), ("epochs", "2")], "epochs"),
    ([("minimum-gain", "0.01")], "minimum-gain"),
    ([("schedule", "constant"), ("warmup", "100")], "warmup"),
    ([("method", "head"), ("freeze", "embeddings")], "freeze"),
    ([("method", "last:2"), ("freeze", "layers:1")], "freeze"),
    ([("method", "lora"), ("freeze", "embeddings")], "freeze"),
    ([("freeze", "all-but-head"), ("layer-decay", "0.9")], "layer-decay"),
    ([("freeze", "all-but-head"), ("method", "setfit")], "freeze"),
    ([("method", "head"), ("layer-decay", "0.9")], "layer-decay"),
    ([("method", "head"), ("head-learning-rate", "1e-3")], "head-learning-rate"),
    ([("method", "lora"), ("layer-decay", "0.9")], "layer-decay"),
    ([("method", "probe"), ("epochs", "5")], "epochs"),
    ([("method", "probe"), ("learning-rate", "1e-3")], "learning-rate"),
    ([("method", "probe"), ("evaluate-every", "10")], "evaluate-every"),
    ([("method", "probe"), ("freeze", "embeddings")], "freeze"),
    ([("method", "setfit"), ("label-smoothing", "0.1")], "label-smoothing"),
  ]

  @Test(arguments: contradictions)
  func `contradictory and unused options are errors`(
    values: [(String, String)], wrong: String
  ) throws {
    var options = TrainingOptions()
    for (flag, text) in values { try options.set(flag, to: text) }
    let error = #expect(throws: TrainingError.self) { try options.validate() }
    guard case .invalidOption(let name, _)? = error else { return }
    #expect(name == "--\(wrong)")
  }

  @Test(arguments: [
    ("method", "lora:4:16.0:q_lin,v_lin"), ("method", "last:3"), ("method", "probe"),
    ("freeze", "layers:2"), ("freeze", "all-but-head"), ("class-weights", "1.0,2.5"),
    ("class-weights", "balanced"), ("evaluate-every", "250"), ("time-limit", "1800.0s"),
    ("max-memory", "4294967296"), ("schedule", "cosine"), ("metric", "macro-f1"),
    ("dropout", "0.0"), ("group-by-length", "true"), ("patience", "2"), ("seed", "7"),
    ("precision", "bfloat16"), ("loss", "triplet"),
  ]) func `an option reads back what it writes`(flag: String, text: String) throws {
    var options = TrainingOptions()
    try options.set(flag, to: text)
    #expect(options != TrainingOptions())
    #expect(options.arguments.first { $0.name == flag }?.value == text)
    var copy = TrainingOptions()
    for (name, value) in options.arguments { try copy.set(name, to: value) }
    #expect(copy == options)
  }

  @Test func `times and sizes have units`() throws {
    var options = TrainingOptions()
    try options.set("time-limit", to: "30m")
    #expect(options.timeLimit == .seconds(1800))
    try options.set("time-limit", to: "1.5h")
    #expect(options.timeLimit == .seconds(5400))
    try options.set("time-limit", to: "none")
    #expect(options.timeLimit == nil)
    try options.set("max-memory", to: "1.5g")
    #expect(options.maxMemory == 3 << 29)
    try options.set("method", to: "lora")
    #expect(options.method == .lora(rank: 8, alpha: 8, targets: []))
  }

  @Test(arguments: [
    ("epochs", "three"), ("max-memory", "4X"), ("max-memory", "1e300T"), ("max-memory", ""),
    ("time-limit", "m"), ("time-limit", "1e300s"), ("time-limit", ""), ("method", "lora:8"),
    ("method", "lora:8:8:"), ("method", "last"), ("freeze", "layers:"), ("class-weights", "1,,2"),
    ("metric", "glory"), ("schedule", "steep"), ("precision", "float16"), ("seed", "-1"),
    ("loss", "contrastive"),
    ("no-such-flag", "1"),
  ]) func `text that is not a value is an error`(flag: String, text: String) throws {
    var options = TrainingOptions()
    let error = #expect(throws: TrainingError.self) { try options.set(flag, to: text) }
    #expect(error?.description.hasPrefix("--\(flag) is ") == true)
    #expect(options == TrainingOptions())
  }

  @Test func `methods and freezing select the weights`() throws {
    func frozen(_ change: (inout TrainingOptions) -> Void) throws -> Freezing {
      var options = TrainingOptions()
      change(&options)
      return try options.frozenWeights(layerCount: 6)
    }
    #expect(try frozen { _ in } == Freezing())
    let head = try frozen { $0.method = .head }
    #expect(head.body)
    let lora = try frozen { $0.method = .lora(rank: 8, alpha: 8, targets: []) }
    #expect(lora.body)
    let last = try frozen { $0.method = .lastLayers(2) }
    #expect(last.embeddings && last.layers == 4 && !last.body)
    let lower = try frozen { $0.freezing = .layers(2) }
    #expect(lower.embeddings && lower.layers == 2)
    #expect(throws: TrainingError.self) { try frozen { $0.method = .lastLayers(7) } }
    #expect(throws: TrainingError.self) { try frozen { $0.freezing = .layers(7) } }
  }

  @Test func `the head has its own rate, and each layer a smaller one`() throws {
    var options = TrainingOptions()
    options.headLearningRate = 1e-3
    options.layerDecay = 0.5
    let groups = try options.parameterGroups(layerCount: 2, newNames: ["classifier.weight"])
    let head = try #require(groups.group(name: "classifier.weight", layer: nil, decays: true))
    #expect(abs(head.rateFactor * options.learningRate - 1e-3) < 1e-18)
    let upper = try #require(groups.group(name: "a", layer: 1, decays: true))
    let lower = try #require(groups.group(name: "b", layer: 0, decays: false))
    #expect(lower.rateFactor == upper.rateFactor / 2 && !lower.decays)
  }
}
