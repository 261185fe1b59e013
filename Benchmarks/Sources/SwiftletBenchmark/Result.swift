/// What was found for one configuration.
struct Result: Encodable, Sendable {
  var configuration: MeasuredConfiguration
  var limits: Limits
  var latency: [Latency] = []
  var throughput: [Throughput] = []
  var start: ColdStart?
  /// What others had of all processors meanwhile; above a few percent, the figures are too high.
  var othersPercent = 0.0

  init(configuration: MeasuredConfiguration, limits: Limits) {
    self.configuration = configuration
    self.limits = limits
  }

  enum CodingKeys: String, CodingKey {
    case configuration, limits, latency, throughput, start
    case othersPercent = "others_percent"
  }
}

/// What the threads' cores could do at their best.
struct Limits: Encodable, Sendable {
  /// Operations per second.
  var weightProducts: Double
  var attentionProducts: Double
  /// Bytes per second.
  var memoryReads: Double

  init(_ set: InstructionSet, _ precision: Precision, threads: Int) {
    (weightProducts, attentionProducts) = Self.rates(set, precision) {
      ArithmeticLimit.rate(set, $0, threads: threads)
    }
    memoryReads = MemoryLimit.readRate(threads: threads)
  }

  /// The higher of two measurements: what a machine reached once, it can do.
  func raised(by other: Limits) -> Limits {
    var result = self
    result.weightProducts = max(weightProducts, other.weightProducts)
    result.attentionProducts = max(attentionProducts, other.attentionProducts)
    result.memoryReads = max(memoryReads, other.memoryReads)
    return result
  }

  /// The least time of a forward pass by what the cores do at this moment.
  static func leastTimeNow(
    _ cost: ForwardCost, _ set: InstructionSet, _ precision: Precision, threads: Int
  ) -> Double {
    let rates = rates(set, precision) { burst(set, $0, threads) }
    return cost.leastTime(weightRate: rates.weights, attentionRate: rates.attention)
  }

  /// Attention is computed in the same type as the products with weights, except where int8 has no
  /// VNNI: there it stays float32. With VNNI int8 has products of bytes and of words; the limit is that
  /// of bytes, the higher one.
  private static func rates(
    _ set: InstructionSet, _ precision: Precision, _ rate: (Precision) -> Double
  ) -> (weights: Double, attention: Double) {
    let weights = rate(precision)
    let isSame = precision != .int8 || set == .avx512 || set == .avx512bf16
    return (weights, isSame ? weights : rate(.float32))
  }

  private static func burst(
    _ set: InstructionSet, _ precision: Precision, _ threads: Int
  ) -> Double {
    ArithmeticLimit.rate(set, precision, threads: threads, windows: 1, seconds: 0.008)
  }

  enum CodingKeys: String, CodingKey {
    case weightProducts = "weight_products_per_s"
    case attentionProducts = "attention_products_per_s"
    case memoryReads = "memory_reads_bytes_per_s"
  }
}

/// One text at a time, again and again.
struct Latency: Encodable, Sendable {
  var tokens: Int
  var median, p10, p90, p99: Double
  var sampleCount: Int
  var operations: Int
  /// Of what the cores' arithmetic could do right before and after the passes, from 0 to 1.
  var shareOfLimit: Double
  /// The same of the best pass and the best limit, whenever each was.
  var bestShareOfLimit: Double

  init(tokens: Int, paired: PairedSamples, cost: ForwardCost) {
    let samples = paired.passes
    self.tokens = tokens
    median = samples.median * 1e3
    p10 = samples.quantile(0.1) * 1e3
    p90 = samples.quantile(0.9) * 1e3
    p99 = samples.quantile(0.99) * 1e3
    sampleCount = samples.times.count
    operations = cost.total
    shareOfLimit = paired.share
    bestShareOfLimit = paired.shareOfBest
  }

  var operationsPerSecond: Double { Double(operations) / (median * 1e-3) }

  enum CodingKeys: String, CodingKey {
    case tokens, operations
    case median = "median_ms"
    case p10 = "p10_ms"
    case p90 = "p90_ms"
    case p99 = "p99_ms"
    case sampleCount = "samples"
    case shareOfLimit = "share_of_limit"
    case bestShareOfLimit = "best_share_of_limit"
  }
}

/// Many texts at a time.
struct Throughput: Encodable, Sendable {
  var name: String
  var texts: Int
  var tokens: Int
  var textsPerSecond: Double
  var tokensPerSecond: Double
  var sampleCount: Int
  var shareOfLimit: Double

  init(name: String, sequences: [[Int32]], paired: PairedSamples) {
    let samples = paired.passes
    self.name = name
    texts = sequences.count
    tokens = sequences.reduce(0) { $0 + $1.count }
    textsPerSecond = Double(texts) / samples.median
    tokensPerSecond = Double(tokens) / samples.median
    sampleCount = samples.times.count
    shareOfLimit = paired.share
  }

  /// What ten million such texts cost.
  func priceOfTenMillion(pricePerCoreHour: Double, cores: Int) -> Double {
    1e7 / textsPerSecond * Double(cores) / 3600 * pricePerCoreHour
  }

  enum CodingKeys: String, CodingKey {
    case name, texts, tokens
    case textsPerSecond = "texts_per_s"
    case tokensPerSecond = "tokens_per_s"
    case sampleCount = "samples"
    case shareOfLimit = "share_of_limit"
  }
}

/// Text to ids on one thread.
struct TokenizerRate: Encodable, Sendable {
  var texts: Int
  var bytes: Int
  var tokens: Int
  /// For all of them once.
  var seconds: Double
  var loadingSeconds: Double

  var megabytesPerSecond: Double { Double(bytes) / seconds / 1e6 }
  var textsPerSecond: Double { Double(texts) / seconds }

  enum CodingKeys: String, CodingKey {
    case texts, bytes, tokens, seconds
    case loadingSeconds = "loading_s"
  }
}
