/// What a model is trained to do. The raw value is the value of `--task`.
public enum TrainingTask: String, CaseIterable, Sendable {
  /// One label for each text or pair.
  case classification = "classify"
  /// Any number of labels for each text or pair.
  case multiLabel = "multi-label"
  /// One number for each text or pair.
  case regression
  /// One label for each word, such as named entities.
  case tokens = "tag"
  /// The span of a context that answers a question.
  case questions = "answer"
  /// One of several continuations of a text.
  case choices = "choose"
  /// The words that were masked in a text.
  case masks = "mask"
  /// Vectors whose similarity is that of the texts.
  case embeddings = "embed"

  /// The task as a phrase in the plan.
  package var phrase: String {
    switch self {
    case .classification: "classification, one label for each text"
    case .multiLabel: "classification, several labels for each text"
    case .regression: "regression, a number for each text"
    case .tokens: "tagging, a label for each word"
    case .questions: "question answering"
    case .choices: "multiple choice"
    case .masks: "masked words"
    case .embeddings: "embeddings"
    }
  }

  /// Whether a label is one of a set of names.
  package var hasLabels: Bool {
    switch self {
    case .classification, .multiLabel, .tokens: true
    case .regression, .questions, .choices, .masks, .embeddings: false
    }
  }
}

/// A task, and why it was chosen.
package struct TaskDecision: Sendable, Equatable {
  package let task: TrainingTask
  /// A clause for the plan, such as `the labels are lists`; it says how to choose another task.
  package let reason: String
  /// What separates the labels of one row; nil if they are not joined in one string.
  package var labelSeparator: String?
}
