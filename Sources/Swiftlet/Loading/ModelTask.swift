/// What a model can be for.
package enum ModelTask: String, CaseIterable, Sendable {
  case textClassification = "text-classification"
  case zeroShotClassification = "zero-shot-classification"
  case tokenClassification = "token-classification"
  case questionAnswering = "question-answering"
  case fillMask = "fill-mask"
  case multipleChoice = "multiple-choice"
  case embedding = "feature-extraction"

  /// The subcommands of `swiftlet` that do it, the usual one first.
  package var commands: [String] {
    switch self {
    case .textClassification: ["classify", "evaluate"]
    case .zeroShotClassification: ["zero-shot"]
    case .tokenClassification: ["tag"]
    case .questionAnswering: ["answer"]
    case .fillMask: ["fill-mask"]
    case .multipleChoice: ["choose"]
    case .embedding: ["embed"]
    }
  }

  /// The type that does it.
  var facade: String {
    switch self {
    case .textClassification: "Classifier"
    case .zeroShotClassification: "ZeroShotClassifier"
    case .tokenClassification: "TokenClassifier"
    case .questionAnswering: "QuestionAnswerer"
    case .fillMask: "FillMask"
    case .multipleChoice: "MultipleChoice"
    case .embedding: "Embedder"
    }
  }

  /// A model that is made for it.
  var model: String {
    switch self {
    case .textClassification: "a sequence classifier"
    case .zeroShotClassification: "an NLI model"
    case .tokenClassification: "a token classifier"
    case .questionAnswering: "a model that finds answers in texts"
    case .fillMask: "a masked language model"
    case .multipleChoice: "a model for multiple choice"
    case .embedding: "an encoder without a head"
    }
  }

  /// What it does.
  var work: String {
    switch self {
    case .textClassification: "classifying texts"
    case .zeroShotClassification: "zero-shot classification"
    case .tokenClassification: "classifying tokens"
    case .questionAnswering: "answering questions"
    case .fillMask: "filling masks"
    case .multipleChoice: "multiple choice"
    case .embedding: "embeddings"
    }
  }

  /// The task whose head it needs.
  var head: ModelTask { self == .zeroShotClassification ? .textClassification : self }

  /// How the names of transformers' classes for it end; none where it has no class of its own.
  fileprivate var classes: [String] {
    switch self {
    case .textClassification: ["SequenceClassification"]
    case .tokenClassification: ["TokenClassification"]
    case .questionAnswering: ["QuestionAnswering"]
    case .fillMask: ["MaskedLM", "PreTraining"]
    case .multipleChoice: ["MultipleChoice"]
    case .zeroShotClassification, .embedding: []
    }
  }

  /// The task of one of the classes in `architectures`; nil for a class of no task, or of one that
  /// Swiftlet does not know.
  init?(class name: String) {
    let task = Self.allCases.first { $0.classes.contains { name.hasSuffix($0) } }
    guard let task else { return nil }
    self = task
  }
}
