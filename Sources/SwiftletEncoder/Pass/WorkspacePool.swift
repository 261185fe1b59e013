import SwiftletRuntime
import SwiftletSystem
import Synchronization

/// A workspace and a team, which run one pass at a time.
final class PooledPass<Head: EncoderHead>: TeamWork, @unchecked Sendable {
  private let encoder: Encoder
  private let head: Head
  private let workspace: Workspace
  private let team: ThreadTeam
  private var batch = PackedBatch().slice()
  private var output: UnsafeMutablePointer<Float>?

  init(
    _ encoder: Encoder, _ head: Head, team: ThreadTeam
  ) throws(MemoryError) {
    self.encoder = encoder
    self.head = head
    self.team = team
    workspace = try encoder.makeWorkspace(
      maxTokens: encoder.configuration.passTokens, workers: team.capacity)
  }

  func run(
    _ batch: PackedSlice, into output: UnsafeMutablePointer<Float>, on pool: WorkerPool
  ) {
    self.batch = batch
    self.output = output
    pool.run(self, by: team)
  }

  func run(_ worker: inout Worker) {
    guard let output else { return }
    var pass = ForwardPass(workspace, encoder.kernels, worker)
    let rows = encoder.forward(batch, computing: head.reads, &pass)
    head.forward(rows, of: batch, into: output, &pass)
  }
}

/// Idle passes; it makes another if none is idle.
final class WorkspacePool<Head: EncoderHead>: Sendable {
  private let make: @Sendable () throws(MemoryError) -> PooledPass<Head>
  private let idle: Mutex<[PooledPass<Head>]>

  init(
    make: @escaping @Sendable () throws(MemoryError) -> PooledPass<Head>
  ) throws(MemoryError) {
    self.make = make
    idle = Mutex([try make()])
  }

  func withPass(_ body: (PooledPass<Head>) -> Void) throws(MemoryError) {
    let pass = if let pass = idle.withLock({ $0.popLast() }) { pass } else { try make() }
    body(pass)
    idle.withLock { $0.append(pass) }
  }
}
