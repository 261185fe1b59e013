public import Swiftlet

/// Trains a classifier of texts or pairs: one label, several labels, or a number.
public struct ClassifierTrainer: ModelTrainer {
  public let model: String
  public let options: TrainingOptions

  /// - Parameter model: The folder of the base model.
  public init(model: String, options: TrainingOptions = TrainingOptions()) {
    (self.model, self.options) = (model, options)
  }

  public static var tasks: [TrainingTask] { [.classification, .multiLabel, .regression] }

  public static func load(_ directory: String) throws(SwiftletError) -> Classifier {
    try Classifier(directory: directory)
  }
}

extension TrainingResult where Model == Classifier {
  /// The trained classifier.
  public var classifier: Classifier { model }
}

/// Trains a tagger of words, such as named entities.
public struct TokenClassifierTrainer: ModelTrainer {
  public let model: String
  public let options: TrainingOptions

  /// - Parameter model: The folder of the base model.
  public init(model: String, options: TrainingOptions = TrainingOptions()) {
    (self.model, self.options) = (model, options)
  }

  public static var tasks: [TrainingTask] { [.tokens] }

  public static func load(_ directory: String) throws(SwiftletError) -> TokenClassifier {
    try TokenClassifier(directory: directory)
  }
}

/// Trains a model that finds the answers of questions in contexts.
public struct QuestionAnswererTrainer: ModelTrainer {
  public let model: String
  public let options: TrainingOptions

  /// - Parameter model: The folder of the base model.
  public init(model: String, options: TrainingOptions = TrainingOptions()) {
    (self.model, self.options) = (model, options)
  }

  public static var tasks: [TrainingTask] { [.questions] }

  public static func load(_ directory: String) throws(SwiftletError) -> QuestionAnswerer {
    try QuestionAnswerer(directory: directory)
  }
}

/// Trains a model that chooses one of several texts.
public struct MultipleChoiceTrainer: ModelTrainer {
  public let model: String
  public let options: TrainingOptions

  /// - Parameter model: The folder of the base model.
  public init(model: String, options: TrainingOptions = TrainingOptions()) {
    (self.model, self.options) = (model, options)
  }

  public static var tasks: [TrainingTask] { [.choices] }

  public static func load(_ directory: String) throws(SwiftletError) -> MultipleChoice {
    try MultipleChoice(directory: directory)
  }
}

/// Trains a masked language model on texts without labels.
public struct FillMaskTrainer: ModelTrainer {
  public let model: String
  public let options: TrainingOptions

  /// - Parameter model: The folder of the base model.
  public init(model: String, options: TrainingOptions = TrainingOptions()) {
    (self.model, self.options) = (model, options)
  }

  public static var tasks: [TrainingTask] { [.masks] }

  public static func load(_ directory: String) throws(SwiftletError) -> FillMask {
    try FillMask(directory: directory)
  }
}

/// Trains embeddings on pairs, on pairs with a score, or on anchors with positives and negatives.
public struct EmbedderTrainer: ModelTrainer {
  public let model: String
  public let options: TrainingOptions

  /// - Parameter model: The folder of the base model.
  public init(model: String, options: TrainingOptions = TrainingOptions()) {
    (self.model, self.options) = (model, options)
  }

  public static var tasks: [TrainingTask] { [.embeddings] }

  public static func load(_ directory: String) throws(SwiftletError) -> Embedder {
    try Embedder(directory: directory)
  }
}
