/// Does what a comparison asks of one engine.
struct Worker {
  let engine: Engine
  let configuration: WorkerConfiguration

  /// Times of one text at a time, and the logits that all engines must agree on.
  func latency() throws(BenchmarkError) {
    let workload = try configuration.workload()
    var answer = LatencyAnswer()
    if configuration.takesTurns == true {
      try takeTurns { (name) throws(BenchmarkError) in try latency(name, workload) }
    } else {
      for length in configuration.lengths ?? Workload.latencyLengths {
        answer.latency[String(length)] = try latency(String(length), workload)
      }
    }
    answer.checkLogits = try engine.logits(workload.check.sequences)
    try print(answer)
  }

  /// `name` is the length.
  private func latency(
    _ name: String, _ workload: Workload
  ) throws(BenchmarkError) -> LatencyAnswer.Case {
    guard let ids = workload.latency[name] else {
      throw .unsupported("the inputs have no text of \(name) tokens")
    }
    let duration = Duration(
      warmUp: configuration.warmUpTime ?? 0.15, measured: configuration.minimumTime ?? 1,
      samples: bounds(configuration.minimumCount ?? 5, configuration.maximumCount))
    let load = MachineLoad()
    let samples = try duration.sample { () throws(BenchmarkError) in
      _ = try engine.logits([ids])
    }
    return LatencyAnswer.Case(
      times: samples.times.map { $0 * 1e3 }, othersPercent: load.othersPercent(),
      stolenPercent: load.stolenPercent())
  }

  /// Times of passes over many texts, by `streams` callers at once.
  func throughput() throws(BenchmarkError) {
    let workload = try configuration.workload()
    var answer = ThroughputAnswer()
    if configuration.takesTurns == true {
      try takeTurns { (name) throws(BenchmarkError) in try time(batches(name, workload)) }
    } else {
      let lengths = configuration.batchLengths ?? Workload.batchLengths
      let names =
        lengths.map { "b32s\($0)" } + (configuration.mixedBatchSizes ?? []).map { "mixed_bs\($0)" }
      for name in names { answer.throughput[name] = try time(batches(name, workload)) }
    }
    try print(answer)
  }

  /// What a case of the mode `throughput` consists of.
  private func batches(
    _ name: String, _ workload: Workload
  ) throws(BenchmarkError) -> [[[Int32]]] {
    if name.hasPrefix("b32s"), let batch = workload.batch32[String(name.dropFirst(4))] {
      return Array(repeating: batch, count: configuration.streams)
    }
    if name.hasPrefix("mixed_bs"), let batches = workload.mixedBatches[String(name.dropFirst(8))] {
      return batches
    }
    throw .unsupported("the inputs have no case \(name)")
  }

  /// Measures the cases that come line by line, until an empty line.
  private func takeTurns(
    _ measure: (String) throws(BenchmarkError) -> some Encodable
  ) throws(BenchmarkError) {
    Files.printLine("@READY")
    while let name = readLine(), !name.isEmpty { try print(measure(name)) }
  }

  private func print(_ answer: some Encodable) throws(BenchmarkError) {
    Files.printLine(try Files.json(answer, isPretty: false))
  }

  private func time(_ batches: [[[Int32]]]) throws(BenchmarkError) -> ThroughputAnswer.Case {
    let duration = Duration(
      warmUp: 0, warmUpRuns: 1, measured: configuration.throughputTime ?? 1,
      samples: bounds(configuration.minimumBatches ?? 2, nil))
    let load = MachineLoad()
    let samples = try duration.sample { () throws(BenchmarkError) in
      try Threads.share(batches.count, over: configuration.streams) {
        (index) throws(BenchmarkError) in
        _ = try engine.logits(batches[index])
      }
    }
    return ThroughputAnswer.Case(
      texts: batches.reduce(0) { $0 + $1.count }, times: samples.times,
      othersPercent: load.othersPercent(), stolenPercent: load.stolenPercent())
  }

  private func bounds(_ least: Int, _ most: Int?) -> ClosedRange<Int> {
    max(least, 1)...max(most ?? 100_000, least, 1)
  }

  /// Stops after each step until a line comes: the parent process reads its memory.
  func answerOnce() throws(BenchmarkError) {
    guard let short = configuration.coldIDs?["16"], let long = configuration.coldIDs?["512"] else {
      throw .unsupported("the configuration has no texts of 16 and 512 tokens")
    }
    pause("@LOADED")
    _ = try engine.logits([short])
    pause("@FIRST")
    for _ in 0..<3 { _ = try engine.logits([long]) }
    pause("@SEQ512")
  }

  private func pause(_ line: String) {
    Files.printLine(line)
    _ = readLine()
  }
}

/// A worker's answer for the mode `latency`.
struct LatencyAnswer: Encodable, Sendable {
  struct Case: Encodable, Sendable {
    /// Milliseconds.
    var times: [Double]
    var othersPercent: Double
    var stolenPercent: Double

    enum CodingKeys: String, CodingKey {
      case times = "times_ms"
      case othersPercent = "others_pct"
      case stolenPercent = "steal_pct"
    }
  }

  var latency: [String: Case] = [:]
  var checkLogits: [[Float]] = []

  init() {}

  enum CodingKeys: String, CodingKey {
    case latency
    case checkLogits = "check_logits"
  }
}

/// A worker's answer for the mode `throughput`.
struct ThroughputAnswer: Encodable, Sendable {
  struct Case: Encodable, Sendable {
    /// Texts of one pass.
    var texts: Int
    /// Seconds.
    var times: [Double]
    var othersPercent: Double
    var stolenPercent: Double

    enum CodingKeys: String, CodingKey {
      case texts
      case times = "times_s"
      case othersPercent = "others_pct"
      case stolenPercent = "steal_pct"
    }
  }

  var throughput: [String: Case] = [:]

  init() {}
}
