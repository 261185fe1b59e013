/// What a training did and reached, as plain values for `training.json`, the model card and the learning
/// curve.
package struct TrainingReport: Sendable, Equatable {
  /// An argument, such as `learning-rate`, and its value as it is written on the command line.
  package struct Argument: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  /// A file of rows.
  package struct DataFile: Sendable, Equatable {
    /// `training`, `validation` or `test`.
    package var role: String
    package var path: String
    /// The SHA-256 of the contents in hexadecimal; nil if it was not computed.
    package var hash: String?
    package var byteCount: Int?
    /// The rows that were used.
    package var rowCount: Int

    package init(
      role: String, path: String, hash: String? = nil, byteCount: Int? = nil, rowCount: Int
    ) {
      (self.role, self.path, self.hash) = (role, path, hash)
      (self.byteCount, self.rowCount) = (byteCount, rowCount)
    }
  }

  /// A point of the learning curve.
  package struct Point: Sendable, Equatable {
    package var step: Int
    package var epoch: Double
    /// The mean loss of the training steps since the point before.
    package var trainingLoss: Double?
    package var validationLoss: Double?
    package var metric: Double?

    package init(
      step: Int, epoch: Double, trainingLoss: Double? = nil, validationLoss: Double? = nil,
      metric: Double? = nil
    ) {
      (self.step, self.epoch, self.trainingLoss) = (step, epoch, trainingLoss)
      (self.validationLoss, self.metric) = (validationLoss, metric)
    }
  }

  /// A metric of the written model on the validation rows.
  package struct Metric: Sendable, Equatable {
    package var name: String
    package var value: Double
    /// The 95 % interval.
    package var interval: ClosedRange<Double>?

    package init(_ name: String, _ value: Double, interval: ClosedRange<Double>? = nil) {
      (self.name, self.value, self.interval) = (name, value, interval)
    }
  }

  /// A label, in the order of the model's outputs.
  package struct Label: Sendable, Equatable {
    package var name: String
    package var trainingRows: Int
    package var validationRows: Int?
    package var precision: Double?
    package var recall: Double?
    package var f1: Double?
    /// The score from which the label counts, for several labels.
    package var threshold: Double?

    package init(
      _ name: String, trainingRows: Int, validationRows: Int? = nil, precision: Double? = nil,
      recall: Double? = nil, f1: Double? = nil, threshold: Double? = nil
    ) {
      (self.name, self.trainingRows, self.validationRows) = (name, trainingRows, validationRows)
      (self.precision, self.recall, self.f1) = (precision, recall, f1)
      self.threshold = threshold
    }
  }

  /// A kind of entity of a tagger, with its scores on the validation rows.
  package struct Entity: Sendable, Equatable {
    package var name: String
    /// The entities of the kind in the validation rows.
    package var count: Int
    package var precision: Double
    package var recall: Double
    package var f1: Double
  }

  /// The calibration that was fitted on the validation rows, and that the classifier's weights contain.
  package struct Calibration: Sendable, Equatable {
    package var temperature: Double
    /// The expected calibration error at temperature 1.
    package var errorBefore: Double?
    package var errorAfter: Double?

    package init(temperature: Double, errorBefore: Double? = nil, errorAfter: Double? = nil) {
      (self.temperature, self.errorBefore) = (temperature, errorBefore)
      self.errorAfter = errorAfter
    }
  }

  /// The teacher of a student.
  package struct Distillation: Sendable, Equatable {
    package var teacher: String
    package var teacherLayerCount: Int
    /// The layers of the teacher with which the student started; nil for a given student.
    package var layers: [Int]?
    /// The hidden size of a student that was cut from a wider teacher.
    package var width: Int?
    /// Nil in a regression.
    package var temperature: Double?
    /// The share of the teacher's answers in the loss.
    package var alpha: Double
    package var hiddenWeight: Double
    /// The teacher's value of the report's metric on the validation rows.
    package var teacherValue: Double?
    /// The share of it that the student keeps.
    package var shareKept: Double?
    /// Whether the metrics compare the student with its teacher, without true labels.
    package var measuresAgreement: Bool
  }

  /// The name of the model, such as the last part of its path.
  package var name: String
  package var task: ReportedTask
  /// `model_type` of the base.
  package var architecture: String
  package var baseModel: String
  /// The path of the output, for the examples of the model card.
  package var output: String
  /// `full`, `lora`, `probe` and so on.
  package var method: String
  /// The words of the command line.
  package var command: [String] = []
  package var arguments: [Argument] = []
  package var data: [DataFile] = []
  package var labels: [Label] = []
  /// Empty for other tasks than tagging.
  package var entities: [Entity] = []
  package var metrics: [Metric] = []
  package var history: [Point] = []
  /// The step whose weights were written.
  package var bestStep: Int?
  /// The name of the history's metric.
  package var metricName: String?
  /// The numbers of validation rows, [true label, predicted label]; empty if there are none.
  package var confusion: [[Int]] = []
  package var calibration: Calibration?
  /// Nil for a training without a teacher.
  package var distillation: Distillation?
  /// The duration of the training in seconds.
  package var seconds: Double?

  package init(
    name: String, task: ReportedTask, architecture: String, baseModel: String, output: String,
    method: String = "full"
  ) {
    (self.name, self.task, self.architecture) = (name, task, architecture)
    (self.baseModel, self.output, self.method) = (baseModel, output, method)
  }
}

/// The task of a trained model, by the names of transformers' pipelines.
package enum ReportedTask: String, Sendable, CaseIterable {
  case classification = "text-classification"
  case multiLabel = "multi-label-classification"
  case regression
  case tokens = "token-classification"
  case questions = "question-answering"
  case masks = "fill-mask"
  case choices = "multiple-choice"
  case embeddings = "sentence-similarity"

  /// The Hub's `pipeline_tag`; nil where the Hub has none.
  var pipelineTag: String? {
    switch self {
    case .classification, .multiLabel, .regression: "text-classification"
    case .choices: nil
    default: rawValue
    }
  }
}
