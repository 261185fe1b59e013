/// Measures one model.
struct Measurement {
  let models: ModelFolders
  let shape: ModelShape
  let lengths: [Int]
  let sections: Set<MeasureCommand.Section>
  let duration: Duration
  /// Whether it is enough to see that all works.
  let isQuick: Bool
  private let workload: Workload

  init(
    models: ModelFolders, lengths: [Int], sections: Set<MeasureCommand.Section>, duration: Duration,
    isQuick: Bool
  ) throws(BenchmarkError) {
    self.models = models
    let model = models.float32
    let shape = try ModelShape(model: model)
    self.shape = shape
    if let length = lengths.first(where: { $0 > shape.maximumPositions }) {
      throw .unsupported("\(model) takes \(shape.maximumPositions) tokens at most, not \(length)")
    }
    self.lengths = lengths
    self.sections = sections
    self.duration = duration
    self.isQuick = isQuick
    workload = Workload(seed: Workload.defaultSeed, lengths: lengths)
  }

  func measure(
    _ configuration: MeasuredConfiguration, on machine: Machine
  ) throws(BenchmarkError) -> Result {
    let load = MachineLoad()
    let choices = configuration.choices
    let set = choices.instructionSet ?? machine.instructionSet
    let limits = Limits(set, choices.precision, threads: configuration.threads)
    var result = Result(configuration: configuration, limits: limits)
    if sections.contains(.latency) || sections.contains(.throughput) {
      let engine = try engine(configuration, threads: configuration.threads)
      if sections.contains(.latency) {
        for length in lengths {
          result.latency.append(try latency(engine, configuration, set, length: length))
        }
      }
      if sections.contains(.throughput) {
        result.throughput = try throughput(engine, configuration, set)
      }
    }
    if sections.contains(.start) {
      result.start = try ColdStart.best(
        of: isQuick ? 1 : 5, model: models.folder(for: choices.precision), choices: choices,
        threads: configuration.threads)
    }
    result.othersPercent = load.othersPercent()
    result.limits = limits.raised(
      by: Limits(set, choices.precision, threads: configuration.threads))
    return result
  }

  private func engine(
    _ configuration: MeasuredConfiguration, threads: Int
  ) throws(BenchmarkError) -> Engine {
    try Engine(
      model: models.folder(for: configuration.choices.precision), choices: configuration.choices,
      threads: threads)
  }

  private func latency(
    _ engine: Engine, _ configuration: MeasuredConfiguration, _ set: InstructionSet, length: Int
  ) throws(BenchmarkError) -> Latency {
    let input = workload.latency[String(length)].map { [$0] } ?? []
    let cost = ForwardCost(shape, lengths: [length])
    let paired = try pairs(duration, cost, configuration, set) { () throws(BenchmarkError) in
      _ = try engine.logits(input)
    }
    return Latency(tokens: length, paired: paired, cost: cost)
  }

  private func pairs(
    _ duration: Duration, _ cost: ForwardCost, _ configuration: MeasuredConfiguration,
    _ set: InstructionSet, _ body: () throws(BenchmarkError) -> Void
  ) throws(BenchmarkError) -> PairedSamples {
    try PairedSamples.measure(
      duration,
      leastTime: {
        Limits.leastTimeNow(
          cost, set, configuration.choices.precision, threads: configuration.threads)
      }, body)
  }

  private func throughput(
    _ engine: Engine, _ configuration: MeasuredConfiguration, _ set: InstructionSet
  ) throws(BenchmarkError) -> [Throughput] {
    func rate(
      _ name: String, of texts: [[Int32]], _ body: () throws(BenchmarkError) -> Void
    ) throws(BenchmarkError) -> Throughput {
      let cost = ForwardCost(shape, lengths: texts.map(\.count))
      let passes = duration.ofPasses(atLeast: isQuick ? 1 : 3)
      return Throughput(
        name: name, sequences: texts, paired: try pairs(passes, cost, configuration, set, body))
    }
    var results: [Throughput] = []
    for length in Workload.batchLengths where length <= shape.maximumPositions {
      let batch = workload.batch32[String(length)] ?? []
      results.append(
        try rate("32 texts of \(length) tokens", of: batch) { () throws(BenchmarkError) in
          _ = try engine.logits(batch)
        })
    }
    let mixed = workload.mixed
    results.append(
      try rate("256 texts of mixed length, one call", of: mixed) {
        () throws(BenchmarkError) in
        _ = try engine.logits(mixed)
      })
    let callers = configuration.threads
    let single = try self.engine(configuration, threads: 1)
    results.append(
      try rate("the same, text by text from \(callers) callers", of: mixed) {
        () throws(BenchmarkError) in
        try Threads.share(mixed.count, over: callers) { (index) throws(BenchmarkError) in
          _ = try single.logits([mixed[index]])
        }
      })
    return results
  }

  /// One thread's rate over a file of texts.
  func tokenizer(texts path: String) throws(BenchmarkError) -> TokenizerRate {
    let texts = try Files.text(path).split(separator: "\n").map(String.init)
    guard !texts.isEmpty else { throw .file(path: path, reason: "has no texts") }
    let start = now()
    var encoder = try TextEncoder(model: models.float32)
    let loading = now() - start
    var tokens = 0
    let samples = duration.sample {
      tokens = texts.reduce(0) { $0 + encoder.tokenCount($1) }
    }
    return TokenizerRate(
      texts: texts.count, bytes: texts.reduce(0) { $0 + $1.utf8.count }, tokens: tokens,
      seconds: samples.median, loadingSeconds: loading)
  }
}
