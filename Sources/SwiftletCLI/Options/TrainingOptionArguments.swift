import ArgumentParser
import SwiftletTraining

/// The options of a training: one declaration for each field of `TrainingOptions`.
///
/// The name of a property is that of the field, so that a new option is declared here and works.
struct TrainingOptionArguments: ParsableArguments {
  @Option(
    help: help(
      "method",
      "Weights to train: full, last:N for the uppermost N layers, head, lora[:RANK:ALPHA[:LAYER,…]],"
        + " probe or setfit.", "method"))
  var method: String?

  @Option(
    help: help(
      "freeze",
      "Weights to keep: none, embeddings, layers:N for the lowest N layers and the"
        + " embeddings, or all-but-head.", "weights"))
  var freeze: String?

  @Flag(help: "Train a BERT as a DistilBERT, which has neither token types nor a pooler.")
  var distilbert = false

  @Option(help: help("epochs", "Passes over the examples; may be a fraction.", "n"))
  var epochs: String?

  @Option(help: help("max-steps", "Steps, in place of --epochs.", "n"))
  var maxSteps: String?

  @Option(
    help: help("time-limit", "Stop before this time has passed, such as 90s, 30m or 2h.", "time"))
  var timeLimit: String?

  @Option(help: help("patience", "Stop after so many evaluations without a gain.", "n"))
  var patience: String?

  @Option(help: help("minimum-gain", "Gain of the metric that counts for --patience.", "gain"))
  var minimumGain: String?

  @Option(help: help("batch-size", "Examples of a batch.", "n"))
  var batchSize: String?

  @Option(help: help("gradient-accumulation", "Batches of a step.", "n"))
  var gradientAccumulation: String?

  @Option(help: help("gradient-clipping", "Largest norm of the gradient; 0 for no limit.", "norm"))
  var gradientClipping: String?

  @Option(
    help: help(
      "seed", "Decides the split, the order of examples, dropout and new weights.", "n"))
  var seed: String?

  @Option(help: help("learning-rate", "Highest learning rate.", "rate"))
  var learningRate: String?

  @Option(
    help: help(
      "head-learning-rate", "Highest learning rate of the head; none for --learning-rate.", "rate"))
  var headLearningRate: String?

  @Option(
    help: help("layer-decay", "Factor of the learning rate from one layer to the next lower.", "f"))
  var layerDecay: String?

  @Option(
    help: help(
      "warmup", "Steps in which the learning rate rises: a share below 1, or a number.", "steps"))
  var warmup: String?

  @Option(
    help: help(
      "schedule", "How the learning rate falls: \(LearningRateSchedule.names).", "schedule"))
  var schedule: String?

  @Option(help: help("weight-decay", "Weight decay of matrices and embeddings.", "decay"))
  var weightDecay: String?

  @Option(
    help: help(
      "loss",
      "Loss of embeddings: ranking, triplet, cosent or cosine; auto for cosent with scores and ranking"
        + " without.", "loss"))
  var loss: String?

  @Option(
    help: help(
      "class-weights", "Weights of the labels in the loss: none, balanced, or a number for each.",
      "weights"))
  var classWeights: String?

  @Option(
    help: help("label-smoothing", "Share of the target that is spread over all labels.", "share"))
  var labelSmoothing: String?

  @Option(help: help("dropout", "Rate of every dropout; model for those of config.json.", "rate"))
  var dropout: String?

  @Option(
    help: help(
      "max-length", "Tokens at which texts are cut; model for the model's own maximum.", "n"))
  var maxLength: String?

  @Flag(help: "Fill batches with texts of similar length; seldom faster, as nothing is padded.")
  var groupByLength = false

  @Option(
    help: help(
      "metric", "Number that selects the best weights, such as macro-f1; auto for the task's own.",
      "metric"))
  var metric: String?

  @Option(
    help: help("evaluate-every", "When to evaluate: epoch, or a number of steps.", "interval"))
  var evaluateEvery: String?

  @Option(help: help("evaluation-batch-size", "Examples of an evaluation batch.", "n"))
  var evaluationBatchSize: String?

  @Option(
    help: help("save-every", "Steps between checkpoints, besides those of evaluations.", "n"))
  var saveEvery: String?

  @Option(
    help: help("log-every", "Steps between logged losses; auto for 200 in all.", "n"))
  var logEvery: String?

  @Option(
    help: help(
      "precision",
      "Number type of the products: float32, or bfloat16, which is faster and needs"
        + " AVX512_BF16.", "type"))
  var precision: String?

  @Option(
    help: help(
      "max-memory",
      "Most memory to use, such as 4G. Less memory takes longer and gives the same"
        + " model.", "bytes"))
  var maxMemory: String?

  @Option(help: help("threads", "Number of threads; auto for all available.", "n"))
  var threads: String?

  func validate() throws {
    do throws(TrainingError) { _ = try options() } catch {
      throw ValidationError(error.description)
    }
  }

  /// The options that were given, by their flags without dashes.
  var given: [(flag: String, text: String)] {
    Mirror(reflecting: self).children.compactMap { child in
      guard let property = child.label else { return nil }
      let flag = Self.flag(of: property)
      switch child.value {
      case let option as Option<String?>: return option.wrappedValue.map { (flag, $0) }
      case let option as Flag<Bool>: return option.wrappedValue ? (flag, "true") : nil
      default: return nil
      }
    }
  }

  /// Returns the defaults of the method with the options that were given, after checking them.
  func options() throws(TrainingError) -> TrainingOptions {
    var options = TrainingOptions()
    if let method {
      try options.set("method", to: method)
      options = TrainingOptions(method: options.method)
    }
    for (flag, text) in given { try options.set(flag, to: text) }
    try options.validate()
    return options
  }

  /// `learning-rate` for the property wrapper `_learningRate`.
  private static func flag(of property: String) -> String {
    var flag = ""
    for character in property where character != "_" {
      flag += character.isUppercase ? "-" + character.lowercased() : String(character)
    }
    return flag
  }

  /// The help of an option, with its default.
  private static func help(_ flag: String, _ text: String, _ valueName: String) -> ArgumentHelp {
    let value = TrainingOptions().arguments.first { $0.name == flag }?.value ?? ""
    let number = Double(value).map { number in
      number == number.rounded()
        ? NumberText.short(number, digits: 0) : NumberText.rounded(number, digits: 2)
    }
    return ArgumentHelp("\(text) Default: \(number ?? value).", valueName: valueName)
  }
}

extension LearningRateSchedule {
  fileprivate static var names: String { byName.map(\.name).joined(separator: ", ") }
}
