import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem

/// A forward pass, encoder and head, allocates nothing once everything is warm: with each of this
/// machine's instruction sets, in each of its precisions, on one and on more threads.
func checkAllocations(_ model: String) throws {
  // Proves first that the counter sees what the Swift runtime and the library allocate.
  try expectAllocations(of: "an array") { keep([Int](repeating: 1, count: 100)) }
  try expectAllocations(of: "an object") { keep(Box()) }
  try expectAllocations(of: "an aligned buffer") {
    if let buffer = try? AlignedBuffer<Float>(count: 64) { keep(buffer[63]) }
  }
  let configuration = try ModelConfiguration(path: model + "/config.json")
  for table in Kernels.available {
    for precision in Precision.allCases where precision.isSupported(by: table) {
      let encoder = try CheckedModel(
        model, configuration,
        try Kernels(instructionSet: table.name, backend: .native, precision: precision))
      for threads in [1, 2] {
        let pass = try CheckedPass(encoder, threads: threads)
        for lengths in [[8], [512], [5, 1, 64, 17]] {
          let count = pass.allocations(lengths)
          guard count == 0 else {
            throw Failure(
              "\(count) allocations in passes of \(lengths) tokens, \(table.name), \(precision), "
                + "\(threads) threads")
          }
        }
      }
    }
  }
  print("allocations: none, on \(Kernels.available.map(\.name).joined(separator: ", "))")
}

private func expectAllocations(of what: String, _ body: () -> Void) throws {
  guard countAllocations(during: body) > 0 else {
    throw Failure("the counter does not see \(what): what it counts proves nothing")
  }
}

private final class Box { var value = 1 }

/// Keeps the optimiser from removing unused results.
@inline(never)
private func keep<Value>(_ value: Value) { withExtendedLifetime(value) {} }

private struct CheckedModel {
  let encoder: Encoder
  let head: SequenceClassificationHead

  init(_ directory: String, _ configuration: ModelConfiguration, _ kernels: Kernels) throws {
    let checkpoint = try CheckpointReader(directory: directory, loading: .mapped)
    encoder = try Encoder(configuration: configuration, checkpoint: checkpoint, kernels: kernels)
    head = try SequenceClassificationHead(
      configuration: configuration, checkpoint: checkpoint, kernels: kernels)
  }
}

private final class CheckedPass: TeamWork, @unchecked Sendable {
  private let model: CheckedModel
  private let pool: WorkerPool
  private let team: ThreadTeam
  private let workspace: Workspace
  private let logits: AlignedBuffer<Float>
  private var batch = PackedBatch().slice()

  init(_ model: CheckedModel, threads: Int) throws {
    self.model = model
    pool = WorkerPool(threadCount: threads)
    team = pool.makeTeam()
    workspace = try model.encoder.makeWorkspace(maxTokens: 512, workers: threads)
    logits = try AlignedBuffer(count: 4 * model.head.outputWidth)
  }

  /// Counts the allocations of passes over sequences of these lengths, after a warm-up.
  func allocations(_ lengths: [Int]) -> Int {
    var batch = PackedBatch()
    for length in lengths { batch.append((0..<length).map { Int32(1000 + 7 * $0) }) }
    self.batch = batch.slice()
    for _ in 0..<2 { pool.run(self, by: team) }
    return countAllocations { for _ in 0..<3 { pool.run(self, by: team) } }
  }

  func run(_ worker: inout Worker) {
    var pass = ForwardPass(workspace, model.encoder.kernels, worker)
    let rows = model.encoder.forward(batch, computing: .firstTokens, &pass)
    model.head.forward(rows, of: batch, into: logits.pointer, &pass)
  }
}
