import Swiftlet

/// How the values of an option are written and read as text.
struct OptionFormat<Value: Sendable>: Sendable {
  /// What a value looks like, for errors.
  let form: String
  let text: @Sendable (Value) -> String
  /// Nil for text that is not a value.
  let value: @Sendable (String) -> Value?

  init(
    form: String, text: @escaping @Sendable (Value) -> String,
    value: @escaping @Sendable (String) -> Value?
  ) {
    self.form = form
    self.text = text
    self.value = value
  }
}

extension OptionFormat<Int> {
  static let integer = Self(form: "a whole number") {
    "\($0)"
  } value: {
    Int($0)
  }

  /// Bytes with an optional suffix K, M, G or T: powers of 1,024.
  static let bytes = Self(form: "bytes such as 512M or 4G") {
    "\($0)"
  } value: { text in
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let suffixes = ["", "K", "M", "G", "T"]
    guard let number = Double(digits),
      let power = suffixes.firstIndex(of: text.dropFirst(digits.count).uppercased())
    else { return nil }
    return Int(exactly: (number * Double(1 << (10 * power))).rounded())
  }
}

extension OptionFormat<UInt64> {
  static let seed = Self(form: "a whole number") {
    "\($0)"
  } value: {
    UInt64($0)
  }
}

extension OptionFormat<Double> {
  static let number = Self(form: "a number") {
    $0.description
  } value: {
    Double($0)
  }
}

extension OptionFormat<Bool> {
  static let flag = Self(form: "true or false") {
    "\($0)"
  } value: {
    Bool($0)
  }
}

extension OptionFormat<TrainingOptions.EmbeddingLoss> {
  static let loss = Self(
    form: "one of " + TrainingOptions.EmbeddingLoss.allCases.map(\.rawValue).joined(separator: ", ")
  ) {
    $0.rawValue
  } value: {
    TrainingOptions.EmbeddingLoss(rawValue: $0)
  }
}

extension OptionFormat<Metric> {
  static let metric = Self(
    form: "one of " + Metric.allCases.map(\.rawValue).joined(separator: ", ")
  ) {
    $0.rawValue
  } value: {
    Metric(rawValue: $0)
  }
}

extension OptionFormat<Precision> {
  static let precision = Self(form: "float32 or bfloat16") {
    $0.rawValue
  } value: {
    Precision(rawValue: $0)
  }
}

extension OptionFormat<Duration> {
  /// Seconds, or a number with the suffix s, m, h or d.
  static let duration = Self(form: "a time such as 90s, 30m or 2h") {
    "\($0 / .seconds(1))s"
  } value: { text in
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let last = text.last else { return nil }
    let unit = units[last]
    guard let number = Double(unit == nil ? text[...] : text.dropLast()) else { return nil }
    let seconds = number * (unit ?? 1)
    // `Duration` holds attoseconds of 128 bits; a century is far within it.
    return seconds.magnitude < 4e9 ? .seconds(seconds) : nil
  }
}

extension OptionFormat<LearningRateSchedule> {
  static let schedule = Self(
    form: "one of " + LearningRateSchedule.byName.map(\.name).joined(separator: ", ")
  ) { schedule in
    // A schedule with parameters of its own has no name.
    LearningRateSchedule.byName.first { $0.schedule == schedule }?.name ?? "\(schedule)"
  } value: { name in
    LearningRateSchedule.byName.first { $0.name == name }?.schedule
  }
}

extension OptionFormat<TrainingOptions.EvaluationInterval> {
  static let interval = Self(form: "epoch or a number of steps") { interval in
    switch interval {
    case .epoch: "epoch"
    case .steps(let count): "\(count)"
    }
  } value: { text in
    text == "epoch" ? .epoch : Int(text).map { .steps($0) }
  }
}

extension OptionFormat<TrainingOptions.FrozenWeights> {
  static let freezing = Self(form: "none, embeddings, layers:N or all-but-head") { freezing in
    switch freezing {
    case .none: "none"
    case .embeddings: "embeddings"
    case .layers(let count): "layers:\(count)"
    case .allButHead: "all-but-head"
    }
  } value: { text in
    switch text {
    case "none": TrainingOptions.FrozenWeights.none
    case "embeddings": .embeddings
    case "all-but-head": .allButHead
    default: argument(of: "layers", in: text).flatMap { Int($0) }.map { .layers($0) }
    }
  }
}

extension OptionFormat<TrainingOptions.ClassWeights> {
  static let classWeights = Self(form: "none, balanced or a list such as 1,2.5,1") { weights in
    switch weights {
    case .none: "none"
    case .balanced: "balanced"
    case .values(let values): values.map(\.description).joined(separator: ",")
    }
  } value: { text in
    switch text {
    case "none": return TrainingOptions.ClassWeights.none
    case "balanced": return .balanced
    default:
      let fields = text.split(separator: ",", omittingEmptySubsequences: false)
      let values = fields.compactMap { Double($0) }
      return values.count == fields.count ? .values(values) : nil
    }
  }
}

extension OptionFormat<TrainingOptions.Method> {
  static let method = Self(
    form: "full, last:N, head, lora, lora:RANK:ALPHA[:LAYER,…], probe or setfit"
  ) { method in
    switch method {
    case .full: "full"
    case .lastLayers(let count): "last:\(count)"
    case .head: "head"
    case .lora(let rank, let alpha, let targets):
      "lora:\(rank):\(alpha)" + (targets.isEmpty ? "" : ":" + targets.joined(separator: ","))
    case .probe: "probe"
    case .setfit: "setfit"
    }
  } value: { text in
    switch text {
    case "full": .full
    case "head": .head
    case "probe": .probe
    case "setfit": .setfit
    // peft's defaults.
    case "lora": .lora(rank: 8, alpha: 8, targets: [])
    default:
      if let count = argument(of: "last", in: text) {
        Int(count).map { .lastLayers($0) }
      } else {
        argument(of: "lora", in: text).flatMap { lora($0) }
      }
    }
  }
}

/// The text after `name:`; nil if `text` does not begin with it.
private func argument(of name: String, in text: String) -> String? {
  text.hasPrefix(name + ":") ? String(text.dropFirst(name.count + 1)) : nil
}

/// Reads `RANK:ALPHA[:LAYER,…]`.
private func lora(_ text: String) -> TrainingOptions.Method? {
  let fields = text.split(separator: ":", omittingEmptySubsequences: false)
  guard (2...3).contains(fields.count), let rank = Int(fields[0]), let alpha = Double(fields[1])
  else { return nil }
  let targets = fields.count == 3 ? fields[2].split(separator: ",").map(String.init) : []
  guard fields.count == 2 || !targets.isEmpty else { return nil }
  return .lora(rank: rank, alpha: alpha, targets: targets)
}
