import ArgumentParser

/// `swiftlet-benchmark worker`: one process of a comparison of engines.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Measures what a configuration file says, and prints one line of JSON.",
    discussion: """
      What the comparison with other engines runs (Benchmarks/peers/README.md has the protocol).
      """)

  @Argument(help: "The configuration, JSON.")
  var file: String

  @Option var precision = Precision.float32
  @Option var gemm = Products.automatic
  @Option var isa: InstructionSet?

  func run() throws {
    let configuration = try Files.decode(WorkerConfiguration.self, from: file)
    let choices = EngineChoices(instructionSet: isa, precision: precision, products: gemm)
    let engine = try Engine(
      model: configuration.modelDirectory, choices: choices, threads: configuration.threads)
    let worker = Worker(engine: engine, configuration: configuration)
    switch configuration.mode {
    case .cold: try worker.answerOnce()
    case .latency: try worker.latency()
    case .throughput: try worker.throughput()
    }
  }
}

/// What a worker is told.
struct WorkerConfiguration: Codable, Sendable {
  enum Mode: String, Codable, Sendable {
    case latency, throughput, cold
  }

  var mode: Mode
  /// Threads that one call uses, and callers at the same time.
  var threads: Int
  var streams = 1
  var modelDirectory: String
  /// Whether each case is measured when a line of standard input names it.
  var takesTurns: Bool?
  /// The file of the workload.
  var inputs: String?
  var lengths: [Int]?
  var minimumTime: Double?
  var minimumCount: Int?
  var maximumCount: Int?
  var warmUpTime: Double?
  var throughputTime: Double?
  var minimumBatches: Int?
  /// Lengths of batches of 32.
  var batchLengths: [Int]?
  /// Batch sizes for the texts of mixed length.
  var mixedBatchSizes: [Int]?
  /// By their lengths, for the cold start.
  var coldIDs: [String: [Int32]]?

  init(mode: Mode, threads: Int, modelDirectory: String) {
    self.mode = mode
    self.threads = threads
    self.modelDirectory = modelDirectory
  }

  enum CodingKeys: String, CodingKey {
    case mode, threads, streams, inputs
    case takesTurns = "takes_turns"
    case modelDirectory = "model_dir"
    case lengths = "seqs"
    case minimumTime = "min_time"
    case minimumCount = "min_iters"
    case maximumCount = "max_iters"
    case warmUpTime = "warm_time"
    case throughputTime = "thr_time"
    case minimumBatches = "min_batches"
    case batchLengths = "thr_cases"
    case mixedBatchSizes = "mixed_bs"
    case coldIDs = "cold_ids"
  }

  func workload() throws(BenchmarkError) -> Workload {
    guard let inputs else { throw .unsupported("the configuration names no file of inputs") }
    return try Files.decode(Workload.self, from: inputs)
  }
}
