import SwiftletEncoder
import SwiftletJSON

@testable import SwiftletTraining

/// Keeps checkpoints in memory. The state goes through its JSON text.
final class MockStore: CheckpointStore {
  struct Last {
    var weights: [Float]
    var moments: MockOptimizer.Moments
    var state: [UInt8]
  }

  let network: MockNetwork
  let optimizer: MockOptimizer
  var last: Last?
  var best: [Int: [Float]] = [:]
  var onSave: () -> Void = {}
  /// What ``loadBest(step:)`` adds to the first weight.
  var damage: Float = 0

  init(_ network: MockNetwork, _ optimizer: MockOptimizer) {
    self.network = network
    self.optimizer = optimizer
  }

  func save(_ kind: SavedCheckpoint.Kind, _ state: LoopState) throws -> String {
    onSave()
    switch kind {
    case .best: best[state.step] = network.weights
    case .last:
      last = Last(
        weights: network.weights, moments: optimizer.moments, state: state.json.document)
      if let step = state.best?.step { best = best.filter { $0.key == step } }
    }
    return "mock/\(kind.rawValue)"
  }

  struct MissingBest: Error {}

  func loadBest(step: Int) throws {
    guard let weights = best[step] else { throw MissingBest() }
    network.weights = weights
    network.weights[0] += damage
  }

  /// Loads the last checkpoint of another store; nil if there is none.
  func resume(from other: MockStore) throws -> LoopState? {
    best = other.best
    last = other.last
    guard let last else { return nil }
    network.weights = last.weights
    optimizer.moments = last.moments
    return try last.state.withUnsafeBufferPointer { try LoopState(JSONValue($0)) }
  }
}

/// A training of a small network on 46 rows of three classes, with everything that a test may change.
final class MockTraining {
  let network: MockNetwork
  let optimizer: MockOptimizer
  let store: MockStore
  let cancellation = Cancellation()
  var options: TrainingOptions
  var objective: MockObjective
  var validation: MockObjective?
  var passTokens = 12
  var isPlanTimed = false
  var keptBytes = 0
  var laterWork = LaterWork()
  /// Whether rows are in their own order in each epoch.
  var isSequential = false
  var now = 0.0
  var onEvent: (TrainingEvent) -> Void = { _ in }
  var keepsEvents = true
  private(set) var events: [TrainingEvent] = []

  init(seed: UInt64 = 42, rows: Int = 46) throws {
    options = TrainingOptions()
    options.seed = seed
    options.batchSize = 8
    options.learningRate = 0.02
    options.evaluationBatchSize = 5
    network = try MockNetwork(classes: 3, seed: seed)
    optimizer = MockOptimizer(network)
    store = MockStore(network, optimizer)
    objective = Self.rows(rows, seed: 1)
    validation = Self.rows(13, seed: 2)
  }

  static func rows(_ count: Int, seed: UInt32) -> MockObjective {
    var generator = MersenneTwister(seed: seed)
    let texts = (0..<count).map { _ in
      (0...generator.next32() % 6).map { _ in Int32(generator.next32() % 16) }
    }
    // A rule that the network can learn, with some noise.
    let labels = texts.map { Int($0[0]) / 6 + (generator.next32() % 8 == 0 ? 1 : 0) }
    return MockObjective(texts: texts, labels: labels.map { min($0, 2) })
  }

  func makeRun() throws -> TrainingRun<MockNetwork, MockObjective> {
    let order = EpochOrder(rows: objective.exampleCount, seed: options.seed)
    let rows = Int32(objective.exampleCount)
    let isSequential = isSequential
    var environment = TrainingEnvironment(
      order: { isSequential ? Array(0..<rows) : order.order(ofEpoch: $0) }, store: store
    ) { [unowned self] event in
      if keepsEvents { events.append(event) }
      onEvent(event)
    }
    environment.cancellation = cancellation
    environment.passTokens = passTokens
    environment.isPlanTimed = isPlanTimed
    environment.keptBytes = keptBytes
    environment.laterWork = laterWork
    environment.clock = { [unowned self] in now }
    environment.residentMemory = { 1 << 20 }
    return try TrainingRun(
      network, optimizer: optimizer, objective: objective, validation: validation,
      options: options, environment: environment)
  }

  @discardableResult
  func run(from state: LoopState? = nil) throws -> TrainingSummary {
    let run = try makeRun()
    defer { self.state = run.state }
    return try run.run(from: state)
  }

  /// The state after ``run(from:)``.
  private(set) var state = LoopState()

  var reports: [StepReport] {
    events.compactMap { if case .step(let report) = $0 { report } else { nil } }
  }
  var evaluations: [EvaluationRecord] {
    events.compactMap { if case .evaluated(let record) = $0 { record } else { nil } }
  }
  var warnings: [TrainingWarning] {
    events.compactMap { if case .warning(let warning) = $0 { warning } else { nil } }
  }
  var saves: [SavedCheckpoint] {
    events.compactMap { if case .saved(let checkpoint) = $0 { checkpoint } else { nil } }
  }

  /// Prescribes the values of the evaluations' accuracy.
  func prescribe(_ values: [Double]) { validation?.script = MetricScript(values, network) }
}
