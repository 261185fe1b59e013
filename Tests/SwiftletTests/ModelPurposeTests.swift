import Foundation
import Swiftlet
import Testing

/// Every task with every kind of checkpoint.
@Suite(.timeLimit(.minutes(10)))
struct ModelPurposeTests {
  /// The checkpoints of `Fixtures/heads`, and the tasks that each is for.
  static let checkpoints: [(name: String, tasks: Set<ModelTask>)] = [
    ("tokens", [.tokenClassification]), ("bert-tokens", [.tokenClassification]),
    ("questions", [.questionAnswering]), ("bert-questions", [.questionAnswering]),
    ("mask", [.fillMask, .embedding]), ("bert-mask", [.fillMask, .embedding]),
    ("bert-mask-untied", [.fillMask, .embedding]), ("bert-pretraining", [.fillMask, .embedding]),
    ("nli", [.textClassification, .zeroShotClassification]),
    ("nli-first", [.textClassification, .zeroShotClassification]),
    ("bert-nli", [.textClassification, .zeroShotClassification]),
    ("reranker", [.textClassification]), ("choice", [.multipleChoice]),
    ("bert-choice", [.multipleChoice]), ("embed-mean", [.embedding]), ("embed-root", [.embedding]),
    ("bert-embed-mean", [.embedding]), ("bert-embed-cls", [.embedding]),
    ("../checkpoints/bare", [.embedding]), ("../checkpoints/bert-bare", [.embedding]),
    ("../checkpoints/bert-without-pooler", [.embedding]),
    ("../checkpoints/plain", [.textClassification]), ("../checkpoints/bert", [.textClassification]),
    ("../checkpoints/multi-label", [.textClassification]),
  ]

  /// Loads the model of a task.
  static func load(
    _ task: ModelTask, _ directory: String, insists: Bool = false
  ) throws(SwiftletError) {
    let options = ModelOptions(gemm: .native, threads: 1, allowsOtherTask: insists)
    switch task {
    case .textClassification: _ = try Classifier(directory: directory, options: options)
    case .zeroShotClassification: _ = try ZeroShotClassifier(directory: directory, options: options)
    case .tokenClassification: _ = try TokenClassifier(directory: directory, options: options)
    case .questionAnswering: _ = try QuestionAnswerer(directory: directory, options: options)
    case .fillMask: _ = try FillMask(directory: directory, options: options)
    case .multipleChoice: _ = try MultipleChoice(directory: directory, options: options)
    case .embedding: _ = try Embedder(directory: directory, options: options)
    }
  }

  @Test(arguments: checkpoints)
  func `a checkpoint loads only for its own tasks`(name: String, tasks: Set<ModelTask>) throws {
    let directory = HeadGolden.path(name)
    #expect(Set(try ModelLocation(directory).folder().purpose().tasks) == tasks)
    for task in ModelTask.allCases {
      if tasks.contains(task) {
        #expect(throws: Never.self, "\(task)") { try Self.load(task, directory) }
        continue
      }
      let error = #expect(throws: SwiftletError.self, "\(task)") { try Self.load(task, directory) }
      guard case .unsupportedModel(let reason) = error else {
        Issue.record("\(task): \(String(describing: error))")
        continue
      }
      #expect(
        reason.contains(directory) && (reason.contains("swiftlet ") || reason.contains("label")))
    }
  }

  /// The tasks, beside its own, that the tensors of a checkpoint allow if the caller insists.
  @Test(
    arguments: [
      ("tokens", []), ("bert-tokens", []), ("questions", []), ("mask", []), ("embed-mean", []),
      ("nli", [.tokenClassification]), ("bert-nli", [.tokenClassification]),
      ("reranker", [.multipleChoice, .tokenClassification]),
      ("../checkpoints/plain", [.tokenClassification, .zeroShotClassification]),
      ("../checkpoints/bare", []),
    ] as [(String, Set<ModelTask>)])
  func `allowing another task needs the tensors of its head`(
    name: String, more: Set<ModelTask>
  ) throws {
    let directory = HeadGolden.path(name)
    let tasks = Set(try ModelLocation(directory).folder().purpose().tasks)
    // Any body makes vectors.
    let runs = more.union(tasks).union([.embedding])
    for task in ModelTask.allCases {
      if runs.contains(task) {
        #expect(throws: Never.self, "\(task)") { try Self.load(task, directory, insists: true) }
        guard !tasks.contains(task) else { continue }
        let error = #expect(throws: SwiftletError.self) { try Self.load(task, directory) }
        #expect(error?.description.contains("--allow-other-task") == true)
      } else {
        let error = #expect(throws: SwiftletError.self, "\(task)") {
          try Self.load(task, directory, insists: true)
        }
        #expect(error?.description.contains("--allow-other-task") == false)
      }
    }
  }

  @Test(
    arguments: [
      ("tokens", [.tokenClassification]), ("bert-tokens", [.tokenClassification]),
      ("questions", [.questionAnswering]), ("bert-mask", [.fillMask, .embedding]),
      ("nli", [.textClassification, .zeroShotClassification]),
      ("bert-nli", [.textClassification, .zeroShotClassification]),
      ("reranker", [.textClassification, .multipleChoice]),
      ("choice", [.textClassification, .multipleChoice]),
      ("bert-choice", [.textClassification, .multipleChoice]), ("embed-mean", [.embedding]),
      ("../checkpoints/bert-bare", [.embedding]), ("../checkpoints/bert", [.textClassification]),
    ] as [(String, Set<ModelTask>)])
  func `without architectures, tensors and labels decide the task`(
    name: String, tasks: Set<ModelTask>
  ) throws {
    let model = try TemporaryModel(copying: "../heads/" + name)
    let values = ["null", "[]", #"["SomeonesOwnBert"]"#]
    for value in values {
      try model.change("config.json", ["architectures": value, "model_type": Self.type(name)])
      #expect(Set(try ModelLocation(model.path).folder().purpose().tasks) == tasks, "\(value)")
    }
    // A body by its own account: what heads it holds can be used, and so can the body.
    try model.change("config.json", ["architectures": #"["BertModel"]"#])
    let found = try ModelLocation(model.path).folder().purpose().tasks
    #expect(Set(found) == tasks.union([.embedding]) && found.first == .embedding)
  }

  private static func type(_ name: String) -> String {
    name.contains("bert") ? #""bert""# : #""distilbert""#
  }

  @Test func `a BERT token classifier with a pooler is known by name or labels`() throws {
    let model = try TemporaryModel(copying: "../heads/bert-tokens")
    try model.changeTensors { tensors in
      tensors.append(.init(name: "bert.pooler.dense.weight", shape: [20, 20]))
      tensors.append(.init(name: "bert.pooler.dense.bias", shape: [20]))
    }
    for architectures in [#"["BertForTokenClassification"]"#, "null"] {
      try model.change("config.json", ["architectures": architectures])
      #expect(throws: Never.self) { try Self.load(.tokenClassification, model.path) }
      #expect(throws: SwiftletError.self) { try Self.load(.textClassification, model.path) }
    }
    let labels = #"{"0": "NOUN", "1": "VERB", "2": "ADJ", "3": "ADV", "4": "DET", "5": "PUNCT"}"#
    try model.change("config.json", ["id2label": labels, "label2id": "null"])
    #expect(throws: SwiftletError.self) { try Self.load(.tokenClassification, model.path) }
    #expect(throws: Never.self) { try Self.load(.tokenClassification, model.path, insists: true) }
    try model.change("config.json", ["architectures": #"["BertForTokenClassification"]"#])
    #expect(throws: Never.self) { try Self.load(.tokenClassification, model.path) }
  }

  @Test func `a head that architectures names and the file lacks is named by its tensors`() throws {
    let model = try TemporaryModel(copying: "../heads/nli")
    try model.changeTensors { $0.removeAll { $0.name.hasPrefix("classifier") } }
    let error = #expect(throws: SwiftletError.self) {
      try Self.load(.textClassification, model.path)
    }
    #expect(error?.description.contains("classifier.weight") == true)
    #expect(throws: Never.self) { try Self.load(.embedding, model.path) }
  }

  @Test func `zero-shot needs an entailment label, or allowing another task`() throws {
    let model = try TemporaryModel(copying: "../heads/nli")
    try model.change(
      "config.json", ["id2label": #"{"0": "a", "1": "b", "2": "c"}"#, "label2id": "null"])
    let error = #expect(throws: SwiftletError.self) {
      try Self.load(.zeroShotClassification, model.path)
    }
    #expect(error?.description.contains("entail") == true)
    let insisting = try ZeroShotClassifier(
      directory: model.path, options: ModelOptions(allowsOtherTask: true))
    #expect(insisting.entailmentLabel == "c")
    // label2id overrides id2label.
    try model.change(
      "config.json",
      [
        "id2label": #"{"0": "contradiction", "1": "neutral", "2": "entailment"}"#,
        "label2id": #"{"LABEL_0": 0, "LABEL_1": 1, "LABEL_2": 2}"#,
      ])
    #expect(throws: SwiftletError.self) { try Self.load(.zeroShotClassification, model.path) }
  }

  @Test func `a SetFit folder embeds, and its error as a classifier names its head`() throws {
    let model = try TemporaryModel(copying: "../heads/embed-mean")
    try model.write("pickle", to: "model_head.pkl")
    #expect(throws: Never.self) { try Self.load(.embedding, model.path) }
    let error = #expect(throws: SwiftletError.self) {
      try Self.load(.textClassification, model.path)
    }
    #expect(error?.description.contains("model_head.pkl") == true)
  }

  @Test func `a cross-encoder as sentence-transformers saves it is a classifier`() throws {
    let model = try TemporaryModel(copying: "../heads/reranker")
    try model.write(
      #"[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"}]"#,
      to: "modules.json")
    #expect(throws: Never.self) { try Self.load(.textClassification, model.path) }
    #expect(throws: SwiftletError.self) { try Self.load(.embedding, model.path) }
  }
}
