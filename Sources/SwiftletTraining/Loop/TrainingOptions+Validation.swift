import Swiftlet

extension TrainingOptions {
  /// Checks ranges, contradictions, and options that the method does not use.
  ///
  /// Options that depend on data and model are checked when the training is planned, also before any work.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)``, which names the flag.
  public func validate() throws(TrainingError) {
    try checkCounts()
    try checkNumbers()
    try checkChoices()
    try checkContradictions()
    try checkUse()
  }

  private func checkCounts() throws(TrainingError) {
    let counts: [(String, Int?, ClosedRange<Int>)] = [
      ("max-steps", maxSteps, 1...Int(Int32.max)), ("patience", patience, 1...Int(Int32.max)),
      ("batch-size", batchSize, 1...65_536),
      ("gradient-accumulation", gradientAccumulation, 1...65_536),
      ("evaluation-batch-size", evaluationBatchSize, 1...65_536),
      ("save-every", saveEvery, 1...Int(Int32.max)), ("log-every", logEvery, 1...Int(Int32.max)),
      ("max-length", maxLength, 3...1 << 20), ("threads", threads, 1...4096),
      ("max-memory", maxMemory, 1...Int.max),
    ]
    for (name, value, range) in counts {
      guard let value, !range.contains(value) else { continue }
      let bound =
        value < range.lowerBound ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
      throw .invalidOption(name: "--\(name)", reason: "is \(value), but must be \(bound)")
    }
  }

  private func checkNumbers() throws(TrainingError) {
    let positive: [(String, Double?)] = [
      ("epochs", epochs), ("learning-rate", learningRate), ("head-learning-rate", headLearningRate),
      ("time-limit", timeLimit.map { $0 / .seconds(1) }),
    ]
    for (name, value) in positive {
      guard let value, !(value > 0 && value < 1e9) else { continue }
      throw .invalidOption(
        name: "--\(name)", reason: "is \(value), but must be \(value > 0 ? "below 1e9" : "above 0")"
      )
    }
    let notNegative: [(String, Double)] = [
      ("weight-decay", weightDecay), ("gradient-clipping", gradientClipping), ("warmup", warmup),
      ("minimum-gain", minimumGain),
    ]
    for (name, value) in notNegative where !(value >= 0 && value < 1e9) {
      throw .invalidOption(
        name: "--\(name)",
        reason: "is \(value), but must be \(value > 0 ? "below 1e9" : "0 or more")")
    }
    for (name, value) in [("label-smoothing", labelSmoothing), ("dropout", dropout ?? 0)]
    where !(value >= 0 && value < 1) {
      throw .invalidOption(
        name: "--\(name)", reason: "is \(value), but must be at least 0 and below 1")
    }
    guard layerDecay > 0, layerDecay <= 1 else {
      throw .invalidOption(
        name: "--layer-decay", reason: "is \(layerDecay), but must be above 0 and at most 1")
    }
    guard warmup < 1 || warmup == warmup.rounded() else {
      throw .invalidOption(
        name: "--warmup",
        reason: "is \(warmup), but must be a share below 1 or a whole number of steps")
    }
    guard epochs <= 1e6 else {
      throw .invalidOption(name: "--epochs", reason: "is \(epochs), but must be at most 1000000")
    }
  }

  private func checkChoices() throws(TrainingError) {
    try schedule.check(peak: learningRate)
    guard precision != .int8 else {
      throw .invalidOption(
        name: "--precision",
        reason: "is int8, which weights can't be trained in; use float32 or bfloat16, and swiftlet "
          + "quantize for the trained model")
    }
    switch method {
    case .lastLayers(let count) where count < 1:
      throw .invalidOption(
        name: "--method", reason: "last:\(count) trains no layer; use last:1 and more, or head")
    case .lora(let rank, let alpha, _)
    where !LoRAAdapter.ranks.contains(rank) || !(alpha > 0 && alpha < 1e9):
      throw .invalidOption(
        name: "--method",
        reason:
          "lora:\(rank):\(alpha) needs a rank from 1 to \(LoRAAdapter.ranks.upperBound), and an "
          + "alpha above 0 and below 1e9")
    default: break
    }
    if case .layers(let count) = freezing, count < 1 {
      throw .invalidOption(
        name: "--freeze", reason: "layers:\(count) freezes no layer; use layers:1 and more")
    }
    if case .steps(let count) = evaluateEvery, count < 1 {
      throw .invalidOption(
        name: "--evaluate-every", reason: "is \(count), but must be epoch or at least 1 step")
    }
    if case .values(let values) = classWeights {
      guard !values.isEmpty, values.allSatisfy({ $0 >= 0 && $0 < 1e9 }),
        values.contains(where: { $0 > 0 })
      else {
        throw .invalidOption(
          name: "--class-weights", reason: "needs numbers that are not negative and not all 0")
      }
    }
  }

  private func checkContradictions() throws(TrainingError) {
    let defaults = TrainingOptions(method: method)
    if maxSteps != nil, epochs != defaults.epochs {
      throw .invalidOption(name: "--epochs", reason: "and --max-steps exclude each other")
    }
    if patience == nil, minimumGain != 0 {
      throw .invalidOption(name: "--minimum-gain", reason: "is used with --patience only")
    }
    if schedule == .constant, warmup != 0, warmup != defaults.warmup {
      throw .invalidOption(
        name: "--warmup",
        reason: "is not used by --schedule constant; use --schedule constant-with-warmup")
    }
    if freezing != .none, method != .full, method != .setfit {
      throw .invalidOption(
        name: "--freeze",
        reason: "and --method \(methodText) both select the weights to train; "
          + "remove one")
    }
    if freezing == .allButHead, method == .setfit {
      throw .invalidOption(
        name: "--freeze",
        reason: "all-but-head keeps what --method setfit trains; use --method probe")
    }
    if freezing == .allButHead, layerDecay != 1 {
      throw .invalidOption(
        name: "--layer-decay", reason: "is not used, as --freeze all-but-head trains no layer")
    }
  }

  var methodText: String { OptionFormat.method.text(method) }
}

extension TrainingOptions {
  /// The options that a method ignores.
  private var unusedFlags: [String] {
    switch method {
    case .full, .lastLayers: []
    case .head: ["head-learning-rate", "layer-decay"]
    case .lora: ["layer-decay"]
    case .setfit:
      ["distilbert", "head-learning-rate", "label-smoothing", "metric", "patience", "minimum-gain"]
    case .probe:
      [
        "distilbert", "epochs", "max-steps", "time-limit", "patience", "minimum-gain",
        "gradient-accumulation",
        "gradient-clipping", "learning-rate", "head-learning-rate", "layer-decay", "warmup",
        "schedule", "weight-decay", "label-smoothing", "dropout", "group-by-length",
        "evaluate-every", "save-every", "log-every",
      ]
    }
  }

  /// Refuses options with another value than the default that the method ignores.
  private func checkUse() throws(TrainingError) {
    let defaults = TrainingOptions(method: method)
    let unused = Set(unusedFlags)
    for field in Self.fields
    where unused.contains(field.name) && field.text(self) != field.text(defaults) {
      throw .invalidOption(
        name: "--\(field.name)", reason: "is not used by --method \(methodText)")
    }
  }
}
