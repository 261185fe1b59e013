import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem
import Testing

@testable import SwiftletEncoder

/// Every instruction set, back end and precision that this machine has.
struct KernelChoice: CustomTestStringConvertible, Equatable, Sendable {
  let instructionSet: String
  let backend: GEMMBackend
  var precision = Precision.float32

  var testDescription: String {
    "\(instructionSet) \(backend.rawValue)"
      + (precision == .float32 ? "" : " \(precision.rawValue)")
  }

  func kernels() throws -> Kernels {
    try Kernels(instructionSet: instructionSet, backend: backend, precision: precision)
  }

  static let hasBLAS = (try? BLAS.shared.get()) != nil

  /// Those of float32.
  static let all: [KernelChoice] = Kernels.available.map(\.name).flatMap { name in
    (hasBLAS ? [GEMMBackend.native, .cblas] : [.native]).map {
      KernelChoice(instructionSet: name, backend: $0)
    }
  }

  /// float32 first; bfloat16 only with the instruction sets that have it.
  static let inEveryPrecision = Precision.allCases.flatMap { precision in
    all.map {
      KernelChoice(
        instructionSet: $0.instructionSet, backend: $0.backend, precision: precision)
    }.filter { (try? $0.kernels()) != nil }
  }
}

/// A golden checkpoint, loaded.
final class LoadedModel {
  let encoder: Encoder
  let head: SequenceClassificationHead?
  /// The pooler of a checkpoint whose golden file has pooled rows.
  let pooler: LoadedPooler?
  let workspace: Workspace

  /// The weights may be those of another directory. All golden sequences together make one batch.
  init(
    _ golden: GoldenCheckpoint, _ choice: KernelChoice, weights: String? = nil
  ) throws {
    let kernels = try choice.kernels()
    let configuration = try ModelConfiguration(path: golden.directory + "/config.json")
    let checkpoint = try CheckpointReader(
      directory: weights ?? golden.directory, loading: .mapped)
    var head: SequenceClassificationHead?
    if golden.answers.labels != nil {
      head = try SequenceClassificationHead(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels)
    }
    self.head = head
    let isPooled = golden.answers.ids.contains { $0.pooled != nil }
    pooler =
      isPooled
      ? try LoadedPooler(configuration, checkpoint, kernels) : nil
    encoder = try Encoder(
      configuration: configuration, checkpoint: checkpoint, kernels: kernels)
    workspace = try encoder.makeWorkspace(
      maxTokens: golden.answers.all.reduce(0) { $0 + $1.ids.count },
      workers: ModelPasses.maxThreads)
    #expect(checkpoint.unreadTensors.isEmpty)
  }
}

/// Passes of a model by the threads of a pool.
final class ModelPasses: TeamWork, @unchecked Sendable {
  private let model: LoadedModel
  private let pool: WorkerPool
  private let team: ThreadTeam
  private let logits: AlignedBuffer<Float>
  private var batch = PackedBatch()
  private var reading = OutputRows.firstTokens
  private var rows: Matrix<Float>?
  private var pooled: Matrix<Float>?

  static let threadCounts = [1, 2, 7]
  static let maxThreads = 7

  init(_ model: LoadedModel, threads: Int) throws {
    self.model = model
    pool = WorkerPool(threadCount: threads)
    team = pool.makeTeam()
    logits = try AlignedBuffer(count: 100 * (model.head?.outputWidth ?? 0))
  }

  /// The logits of each sequence of one batch, of at most 100.
  func logits(of sequences: [TokenSequence]) -> [[Float]] {
    precondition(sequences.count <= 100)
    run(sequences, reading: .firstTokens)
    let labels = model.head?.outputWidth ?? 0
    return sequences.indices.map { index in (0..<labels).map { logits[index * labels + $0] } }
  }

  /// The last hidden rows of a batch, all of them or the first of each sequence.
  func hiddenRows(
    of sequences: [TokenSequence], reading: OutputRows = .allTokens
  ) -> [[Float]] {
    run(sequences, reading: reading)
    return copy(rows)
  }

  /// The pooler's output for the first rows.
  func pooledRows(of sequences: [TokenSequence]) -> [[Float]] {
    run(sequences, reading: .firstTokens)
    return copy(pooled)
  }

  private func copy(_ rows: Matrix<Float>?) -> [[Float]] {
    guard let rows else { return [] }
    return (0..<rows.rows).map { row in (0..<rows.columns).map { rows.row(row)[$0] } }
  }

  private func run(_ sequences: [TokenSequence], reading: OutputRows) {
    batch.removeAll()
    for sequence in sequences { batch.append(sequence) }
    self.reading = reading
    pool.run(self, by: team)
  }

  func run(_ worker: inout Worker) {
    var pass = ForwardPass(model.workspace, model.encoder.kernels, worker)
    let rows = model.encoder.forward(batch.slice(), computing: reading, &pass)
    if pass.workerIndex == 0 { self.rows = rows }
    guard reading == .firstTokens else { return }
    if let pooler = model.pooler {
      let pooled = pooler.forward(rows, &pass)
      if pass.workerIndex == 0 { self.pooled = pooled }
    }
    guard let head = model.head else { return }
    head.forward(rows, of: batch.slice(), into: logits.pointer, &pass)
  }
}

/// The greatest difference between two numbers at the same place; infinite if one is NaN.
func greatestDifference(_ left: [Float], _ right: [Float]) -> Float {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).map { ($0 - $1).magnitude }.reduce(0) {
    $1.isNaN ? .infinity : max($0, $1)
  }
}

/// A pooler with the memory of its weights.
struct LoadedPooler {
  private let pooler: Pooler
  private let storage: WeightStorage

  init(
    _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader, _ kernels: Kernels
  ) throws {
    let size = configuration.hiddenSize
    let loader = try WeightLoader(
      Parameter.linear(configuration.architecture.pooler, inputs: size, outputs: size),
      of: checkpoint, for: kernels.float32)
    pooler = try Pooler(configuration, loader)
    storage = try loader.fill(on: WorkerPool(threadCount: 1))
  }

  func forward(_ rows: Matrix<Float>, _ pass: inout ForwardPass) -> Matrix<Float> {
    pooler.forward(rows, &pass)
  }
}
