import Glibc

/// The figures of a measurement.
struct TrainingAnswer: Encodable, Sendable {
  var engine = "swiftlet"
  var caseName: String
  var precision: Precision
  var threads: Int
  var steps: Int
  var secondsPerStep: Double
  var medianSecondsPerStep: Double
  var tokensPerSecond: Double
  var textsPerSecond: Double
  /// Of this process so far.
  var peakMegabytes: Double
  var secondsToFirstStep: Double
  /// What the machine's threads can do at most, and the share of it that the steps' operations took.
  var limitOperationsPerSecond: Double
  var shareOfLimit: Double

  enum CodingKeys: String, CodingKey {
    case engine, precision, threads, steps, secondsPerStep, medianSecondsPerStep, tokensPerSecond
    case textsPerSecond, peakMegabytes, secondsToFirstStep, limitOperationsPerSecond, shareOfLimit
    case caseName = "case"
  }

  init(
    _ taken: [(seconds: Double, batch: TrainingBatchTexts)], shape: ModelShape,
    _ options: TrainingWorker.Options, limit: Double, secondsToFirstStep: Double
  ) {
    let seconds = taken.reduce(0) { $0 + $1.seconds }
    let operations = taken.reduce(0) {
      $0 + ForwardCost(shape, lengths: $1.batch.lengths).ofTraining
    }
    caseName = options.caseName
    precision = options.precision
    threads = options.threads
    steps = taken.count
    secondsPerStep = seconds / Double(taken.count)
    medianSecondsPerStep = Samples(taken.map(\.seconds)).median
    tokensPerSecond = Double(taken.reduce(0) { $0 + $1.batch.tokenCount }) / seconds
    textsPerSecond = Double(taken.reduce(0) { $0 + $1.batch.texts.count }) / seconds
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    peakMegabytes = Double(usage.ru_maxrss) / 1024
    self.secondsToFirstStep = secondsToFirstStep
    limitOperationsPerSecond = limit
    shareOfLimit = Double(operations) / seconds / limit
  }
}
