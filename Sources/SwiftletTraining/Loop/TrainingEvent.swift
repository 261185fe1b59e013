public import Swiftlet

/// What happens in a training, in the order in which it happens.
public enum TrainingEvent: Sendable, Equatable {
  /// The training is about to start.
  case planned(TrainingPlan)
  /// Something that the user should look at; the training goes on.
  case warning(TrainingWarning)
  /// A step is complete.
  case step(StepReport)
  /// The model was evaluated on the validation examples.
  case evaluated(EvaluationRecord)
  /// A checkpoint is on the disk.
  case saved(SavedCheckpoint)
  /// The training has ended.
  case finished(TrainingSummary)
}

/// What a training will do, known before its first step.
public struct TrainingPlan: Sendable, Equatable {
  /// Examples to train on.
  public internal(set) var examples: Int
  /// Examples to evaluate on.
  public internal(set) var validationExamples: Int
  /// Tokens of one pass over the examples.
  public internal(set) var tokensPerEpoch: Int
  /// Tokens of the validation examples.
  public internal(set) var validationTokens: Int
  /// Steps of one pass over the examples.
  public internal(set) var stepsPerEpoch: Int
  /// Steps of the training.
  public internal(set) var totalSteps: Int
  /// Steps in which the learning rate rises.
  public internal(set) var warmupSteps: Int
  /// Parameters of the model.
  public internal(set) var parameters: Int
  /// Parameters that change.
  public internal(set) var trainedParameters: Int
  /// The most tokens of one pass, except for a single longer example.
  public internal(set) var passTokens: Int
  /// Whether the backward pass computes activations again, because memory is limited.
  public internal(set) var recomputes: Bool
  /// An upper estimate of the memory of model, gradients, moments, pass and examples, in bytes.
  public internal(set) var memory: Int
  /// The number type of the products in the layers of the encoder.
  public internal(set) var precision: Precision
  /// The estimated time, from a timed first step; nil if it was not timed.
  public internal(set) var seconds: Double?
  /// The metric that selects the best weights; nil without validation examples.
  public internal(set) var metric: Metric?

  /// Evaluations, if nothing ends the training early.
  public internal(set) var evaluations: Int

  /// Creates a result from its parts, for tests of code that uses it.
  public init(
    examples: Int, validationExamples: Int, tokensPerEpoch: Int, validationTokens: Int,
    stepsPerEpoch: Int, totalSteps: Int, warmupSteps: Int, parameters: Int, trainedParameters: Int,
    passTokens: Int, recomputes: Bool = false, memory: Int, precision: Precision = .float32,
    seconds: Double? = nil, metric: Metric? = nil, evaluations: Int
  ) {
    self.examples = examples
    self.validationExamples = validationExamples
    self.tokensPerEpoch = tokensPerEpoch
    self.validationTokens = validationTokens
    self.stepsPerEpoch = stepsPerEpoch
    self.totalSteps = totalSteps
    self.warmupSteps = warmupSteps
    self.parameters = parameters
    self.trainedParameters = trainedParameters
    self.passTokens = passTokens
    self.recomputes = recomputes
    self.memory = memory
    self.precision = precision
    self.seconds = seconds
    self.metric = metric
    self.evaluations = evaluations
  }
}

/// A step, with the numbers of the progress line.
public struct StepReport: Sendable, Equatable {
  /// Passes over the examples, with their fraction.
  public internal(set) var epoch: Double
  /// Steps that are complete.
  public internal(set) var step: Int
  /// Steps of the training.
  public internal(set) var totalSteps: Int
  /// The loss of this step; nil if none of its examples has a label.
  public internal(set) var stepLoss: Double?
  /// The mean loss of the steps since the last point of the loss curve; nil if none has a label.
  public internal(set) var loss: Double?
  /// The learning rate of this step.
  public internal(set) var learningRate: Double
  /// The L2 norm of the gradients, before clipping; nil without a loss.
  public internal(set) var gradientNorm: Double?
  /// Tokens of a second, over the last steps.
  public internal(set) var tokensPerSecond: Double
  /// Resident memory of the process in bytes; nil if the system does not report it.
  public internal(set) var residentMemory: Int?
  /// Estimated seconds to the end, evaluations included.
  public internal(set) var remainingSeconds: Double
  /// Whether the step ends an interval of the loss curve, as a log with few lines shows it.
  public internal(set) var isLogged: Bool

  /// Creates a result from its parts, for tests of code that uses it.
  public init(
    epoch: Double, step: Int, totalSteps: Int, stepLoss: Double? = nil, loss: Double? = nil,
    learningRate: Double, gradientNorm: Double? = nil, tokensPerSecond: Double,
    residentMemory: Int? = nil, remainingSeconds: Double, isLogged: Bool
  ) {
    self.epoch = epoch
    self.step = step
    self.totalSteps = totalSteps
    self.stepLoss = stepLoss
    self.loss = loss
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.tokensPerSecond = tokensPerSecond
    self.residentMemory = residentMemory
    self.remainingSeconds = remainingSeconds
    self.isLogged = isLogged
  }
}

/// A point of the loss curve.
public struct LossRecord: Sendable, Equatable {
  /// Steps that are complete.
  public internal(set) var step: Int
  /// The mean loss of the steps since the point before; nil if none has a label.
  public internal(set) var loss: Double?
  /// The learning rate of the last of these steps.
  public internal(set) var learningRate: Double
  /// The L2 norm of the last of these gradients, before clipping; nil without a loss.
  public internal(set) var gradientNorm: Double?

  /// Creates a result from its parts, for tests of code that uses it.
  public init(step: Int, loss: Double? = nil, learningRate: Double, gradientNorm: Double? = nil) {
    self.step = step
    self.loss = loss
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
  }
}

/// An evaluation: a row of the table.
public struct EvaluationRecord: Sendable, Equatable {
  /// Passes over the examples, with their fraction.
  public internal(set) var epoch: Double
  /// Steps that are complete.
  public internal(set) var step: Int
  /// The mean loss of the steps since the evaluation before; nil if none has a label.
  public internal(set) var trainingLoss: Double?
  /// The mean loss of the validation examples; nil if none has a label.
  public internal(set) var validationLoss: Double?
  /// The task's metrics.
  public internal(set) var metrics: [MetricValue]
  /// The value that selects the best weights.
  public internal(set) var value: Double
  /// Whether it is the best so far.
  public internal(set) var isBest: Bool
  /// Seconds since the training began, all runs together.
  public internal(set) var seconds: Double

  /// Creates a result from its parts, for tests of code that uses it.
  public init(
    epoch: Double, step: Int, trainingLoss: Double? = nil, validationLoss: Double? = nil,
    metrics: [MetricValue], value: Double, isBest: Bool, seconds: Double
  ) {
    self.epoch = epoch
    self.step = step
    self.trainingLoss = trainingLoss
    self.validationLoss = validationLoss
    self.metrics = metrics
    self.value = value
    self.isBest = isBest
    self.seconds = seconds
  }
}

/// A checkpoint on the disk.
public struct SavedCheckpoint: Sendable, Equatable {
  /// What a checkpoint is for.
  public enum Kind: String, Sendable {
    /// The weights of the best evaluation.
    case best
    /// Everything that a resumed training needs.
    case last
  }

  /// What the checkpoint is for.
  public internal(set) var kind: Kind
  /// Steps that are complete.
  public internal(set) var step: Int
  /// The folder.
  public internal(set) var path: String

  /// Creates a result from its parts, for tests of code that uses it.
  public init(kind: Kind, step: Int, path: String) {
    self.kind = kind
    self.step = step
    self.path = path
  }
}

/// How a training ended.
public struct TrainingSummary: Sendable, Equatable {
  /// Why a training ended.
  public enum Reason: String, Sendable {
    /// All steps are complete.
    case completed
    /// The metric stopped to improve.
    case earlyStopping = "early-stopping"
    /// Another step would exceed the time limit.
    case timeLimit = "time-limit"
    /// The caller cancelled it. The last checkpoint continues it.
    case cancelled
  }

  /// Why it ended.
  public internal(set) var reason: Reason
  /// Steps that are complete.
  public internal(set) var step: Int
  /// Steps of the whole training.
  public internal(set) var totalSteps: Int
  /// The evaluation whose weights the model has now; nil if the weights are those of the last step.
  public internal(set) var best: EvaluationRecord?
  /// Seconds of all runs together.
  public internal(set) var seconds: Double
  /// Trained tokens.
  public internal(set) var tokens: Int
  /// Steps that were skipped because none of their examples has a label.
  public internal(set) var skippedSteps: Int

  /// Creates a result from its parts, for tests of code that uses it.
  public init(
    reason: Reason, step: Int, totalSteps: Int, best: EvaluationRecord? = nil, seconds: Double,
    tokens: Int, skippedSteps: Int = 0
  ) {
    self.reason = reason
    self.step = step
    self.totalSteps = totalSteps
    self.best = best
    self.seconds = seconds
    self.tokens = tokens
    self.skippedSteps = skippedSteps
  }
}

extension TrainingSummary: CustomStringConvertible {
  /// One sentence for a user; for an unfinished training with the way to go on.
  public var description: String {
    let place = "after step \(step) of \(totalSteps)"
    let resume = "run the same command with --resume to continue"
    switch reason {
    case .completed: return "trained \(totalSteps) steps"
    case .earlyStopping: return "stopped \(place), as the metric no longer improved"
    case .timeLimit:
      return "stopped \(place), before the time limit; \(resume) with a larger --time-limit"
    case .cancelled where totalSteps == 0: return "cancelled; nothing was written"
    case .cancelled: return "cancelled \(place); the checkpoint is saved: \(resume)"
    }
  }
}
