public import Swiftlet

/// A model that ``ModelTrainer`` trains.
public protocol TrainableTask: TaskModel {
  /// The tasks that the model is trained for; with several, the data decide.
  static var trainingTasks: [TrainingTask] { get }

  /// Loads a trained model.
  static func load(trained directory: String) throws(SwiftletError) -> Self
}

/// One label, several labels, or a number for each text or pair.
public typealias ClassifierTrainer = ModelTrainer<Classifier>
/// A label for each word, such as named entities.
public typealias TokenClassifierTrainer = ModelTrainer<TokenClassifier>
/// The answers of questions in contexts.
public typealias QuestionAnswererTrainer = ModelTrainer<QuestionAnswerer>
/// One of several texts.
public typealias MultipleChoiceTrainer = ModelTrainer<MultipleChoice>
/// Masked words, on texts without labels.
public typealias FillMaskTrainer = ModelTrainer<FillMask>
/// Embeddings, on pairs, on pairs with a score, or on anchors with positives and negatives.
public typealias EmbedderTrainer = ModelTrainer<Embedder>

extension Classifier: TrainableTask {
  /// One label, several labels, or a number.
  public static var trainingTasks: [TrainingTask] { [.classification, .multiLabel, .regression] }

  /// Loads a trained classifier.
  public static func load(trained directory: String) throws(SwiftletError) -> Self {
    try Self(directory: directory)
  }
}

extension TokenClassifier: TrainableTask {
  /// A label for each word.
  public static var trainingTasks: [TrainingTask] { [.tokens] }

  /// Loads a trained tagger.
  public static func load(trained directory: String) throws(SwiftletError) -> Self {
    try Self(directory: directory)
  }
}

extension QuestionAnswerer: TrainableTask {
  /// Answers of questions.
  public static var trainingTasks: [TrainingTask] { [.questions] }

  /// Loads a trained question answerer.
  public static func load(trained directory: String) throws(SwiftletError) -> Self {
    try Self(directory: directory)
  }
}

extension MultipleChoice: TrainableTask {
  /// One of several texts.
  public static var trainingTasks: [TrainingTask] { [.choices] }

  /// Loads a trained multiple-choice model.
  public static func load(trained directory: String) throws(SwiftletError) -> Self {
    try Self(directory: directory)
  }
}

extension FillMask: TrainableTask {
  /// Masked words.
  public static var trainingTasks: [TrainingTask] { [.masks] }

  /// Loads a trained masked language model.
  public static func load(trained directory: String) throws(SwiftletError) -> Self {
    try Self(directory: directory)
  }
}

extension Embedder: TrainableTask {
  /// Embeddings.
  public static var trainingTasks: [TrainingTask] { [.embeddings] }

  /// Loads a trained embedder.
  public static func load(trained directory: String) throws(SwiftletError) -> Self {
    try Self(directory: directory)
  }
}
