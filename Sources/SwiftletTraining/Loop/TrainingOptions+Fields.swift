/// An option as text: its flag, and how its value is written and read.
struct OptionField: Sendable {
  /// The flag without its dashes.
  let name: String
  /// What a value looks like, for errors.
  let form: String
  let text: @Sendable (TrainingOptions) -> String
  /// Returns false if the text is not a value of the option; the range is checked elsewhere.
  let set: @Sendable (inout TrainingOptions, String) -> Bool

  init<Value: Sendable>(
    _ name: String, _ path: any WritableKeyPath<TrainingOptions, Value> & Sendable,
    _ format: OptionFormat<Value>
  ) {
    self.name = name
    form = format.form
    text = { format.text($0[keyPath: path]) }
    set = { options, text in
      guard let value = format.value(text) else { return false }
      options[keyPath: path] = value
      return true
    }
  }

  init<Value: Sendable>(
    _ name: String, _ path: any WritableKeyPath<TrainingOptions, Value?> & Sendable, unset: String,
    _ format: OptionFormat<Value>
  ) {
    let optional = OptionFormat<Value?>(form: "\(format.form) or \(unset)") {
      $0.map(format.text) ?? unset
    } value: { text in
      // The outer nil means text that is not a value.
      text == unset ? .some(nil) : format.value(text).map(Optional.some)
    }
    self.init(name, path, optional)
  }
}

extension TrainingOptions {
  /// All options, in the order in which they are printed.
  static let fields: [OptionField] = [
    OptionField("method", \.method, .method),
    OptionField("freeze", \.freezing, .freezing),
    OptionField("distilbert", \.convertsToDistilBERT, .flag),
    OptionField("epochs", \.epochs, .number),
    OptionField("max-steps", \.maxSteps, unset: "none", .integer),
    OptionField("time-limit", \.timeLimit, unset: "none", .duration),
    OptionField("patience", \.patience, unset: "none", .integer),
    OptionField("minimum-gain", \.minimumGain, .number),
    OptionField("batch-size", \.batchSize, .integer),
    OptionField("gradient-accumulation", \.gradientAccumulation, .integer),
    OptionField("gradient-clipping", \.gradientClipping, .number),
    OptionField("seed", \.seed, .seed),
    OptionField("learning-rate", \.learningRate, .number),
    OptionField("head-learning-rate", \.headLearningRate, unset: "none", .number),
    OptionField("layer-decay", \.layerDecay, .number),
    OptionField("warmup", \.warmup, .number),
    OptionField("schedule", \.schedule, .schedule),
    OptionField("weight-decay", \.weightDecay, .number),
    OptionField("loss", \.loss, unset: "auto", .loss),
    OptionField("class-weights", \.classWeights, .classWeights),
    OptionField("label-smoothing", \.labelSmoothing, .number),
    OptionField("dropout", \.dropout, unset: "model", .number),
    OptionField("max-length", \.maxLength, unset: "model", .integer),
    OptionField("group-by-length", \.groupByLength, .flag),
    OptionField("metric", \.metric, unset: "auto", .metric),
    OptionField("evaluate-every", \.evaluateEvery, .interval),
    OptionField("evaluation-batch-size", \.evaluationBatchSize, .integer),
    OptionField("save-every", \.saveEvery, unset: "none", .integer),
    OptionField("log-every", \.logEvery, unset: "auto", .integer),
    OptionField("precision", \.precision, .precision),
    OptionField("max-memory", \.maxMemory, unset: "none", .bytes),
    OptionField("threads", \.threads, unset: "auto", .integer),
  ]

  /// Every option with its value as text, in a fixed order; what `training.json` records.
  package var arguments: [(name: String, value: String)] {
    Self.fields.map { ($0.name, $0.text(self)) }
  }

  /// Sets the option of a flag (without its dashes) from text, as ``arguments`` writes it.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for an unknown flag or text that is not a value.
  ///   ``validate()`` checks the range.
  package mutating func set(_ flag: String, to text: String) throws(TrainingError) {
    guard let field = Self.fields.first(where: { $0.name == flag }) else {
      let known = Self.fields.map(\.name).joined(separator: ", ")
      throw .invalidOption(name: "--\(flag)", reason: "is not an option; the options are \(known)")
    }
    guard field.set(&self, text) else {
      throw .invalidOption(
        name: "--\(flag)", reason: "is '\(text)', but must be \(field.form)")
    }
  }
}
