/// A task of a model; the raw value is its name on the Hugging Face Hub.
package enum ModelTask: String, CaseIterable, Sendable {
  case textClassification = "text-classification"
  case zeroShotClassification = "zero-shot-classification"
  case tokenClassification = "token-classification"
  case questionAnswering = "question-answering"
  case fillMask = "fill-mask"
  case multipleChoice = "multiple-choice"
  case embedding = "feature-extraction"

  /// The subcommands of `swiftlet` for the task, the main one first.
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

  /// The Swift type for the task.
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

  /// A phrase for a model made for the task.
  var model: String {
    switch self {
    case .textClassification: "a sequence classifier"
    case .zeroShotClassification: "an NLI model"
    case .tokenClassification: "a token classifier"
    case .questionAnswering: "a question answering model"
    case .fillMask: "a masked language model"
    case .multipleChoice: "a multiple choice model"
    case .embedding: "an encoder without a head"
    }
  }

  /// A phrase for the task itself.
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

  /// The task whose head this task uses.
  var head: ModelTask { self == .zeroShotClassification ? .textClassification : self }

  /// The suffixes of transformers' classes for the task.
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

  /// Returns the task of a class in `architectures`; nil if there is none.
  init?(class name: String) {
    let task = Self.allCases.first { $0.classes.contains { name.hasSuffix($0) } }
    guard let task else { return nil }
    self = task
  }
}
