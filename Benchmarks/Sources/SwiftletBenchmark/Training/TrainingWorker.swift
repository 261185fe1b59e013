import Glibc

/// Measures training steps as the protocol of training asks; see Benchmarks/peers/README.md.
struct TrainingWorker {
  private let engine: TrainingEngine
  private let steps: [TrainingBatchTexts]
  private let options: Options
  private let secondsToFirstStep: Double

  struct Options: Sendable {
    var caseName: String
    var threads: Int
    /// float32 or bfloat16.
    var precision: Precision
    /// Seconds of a measurement, at least one pass.
    var seconds: Double
    /// Steps of a pass, evenly spread over those of the case.
    var batches: Int
  }

  /// Loads the model and runs three steps, whose pages and threads are new.
  init(
    model: String, lengths: [[Int]], _ options: Options
  ) throws(BenchmarkError) {
    engine = try TrainingEngine(
      model: model, precision: options.precision, threads: options.threads)
    steps = TrainingBatchTexts.draw(lengths, vocabularySize: engine.shape.vocabularySize)
    self.options = options
    secondsToFirstStep = try Self.secondsSinceStart()
    for batch in steps.prefix(3) { try engine.train(on: batch) }
  }

  /// Measures once for each line of standard input, until an empty line.
  func takeTurns() throws(BenchmarkError) {
    Files.printLine("@READY")
    while let line = readLine(), !line.isEmpty {
      Files.printLine(try Files.json(measure(), isPretty: false))
    }
  }

  /// Whole passes, so that each measurement has the same lengths. The limit is measured directly before and
  /// after them.
  private func measure() throws(BenchmarkError) -> TrainingAnswer {
    let (first, begin) = (limit(), now())
    var taken: [(seconds: Double, batch: TrainingBatchTexts)] = []
    let stride = max(1, steps.count / options.batches)
    while taken.isEmpty || now() - begin < options.seconds {
      for index in Swift.stride(from: stride / 2, to: steps.count, by: stride) {
        let start = now()
        try engine.train(on: steps[index])
        taken.append((now() - start, steps[index]))
      }
    }
    return TrainingAnswer(
      taken, shape: engine.shape, options, limit: (first + limit()) / 2,
      secondsToFirstStep: secondsToFirstStep)
  }

  private func limit() -> Double {
    ArithmeticLimit.rate(
      engine.instructionSet, options.precision, threads: options.threads, windows: 3)
  }

  /// Seconds since the kernel started this process.
  private static func secondsSinceStart() throws(BenchmarkError) -> Double {
    let fields = try Files.text("/proc/self/stat").split(separator: ")").last?.split(separator: " ")
    guard let fields, fields.count > 19, let ticks = Double(fields[19]) else {
      throw .file(path: "/proc/self/stat", reason: "has no start time")
    }
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    let uptime = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    return uptime - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
