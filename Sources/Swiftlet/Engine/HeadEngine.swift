import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletRuntime
import SwiftletSystem
import Synchronization

/// Computes a head's output for batches on all threads, with a workspace for each concurrent pass.
final class HeadEngine<Head: EncoderHead>: Sendable {
  let encoder: Encoder
  let pool: WorkerPool
  let head: Head
  private let passes: PassStore<Head>

  /// Allocates the workspace of the first pass, so that a refusal of memory shows at the start.
  init(encoder: Encoder, head: Head, pool: WorkerPool) throws(MemoryError) {
    self.encoder = encoder
    self.pool = pool
    self.head = head
    let maximumTokens = encoder.configuration.passTokens
    passes = try PassStore(maximumTokens: maximumTokens) { () throws(MemoryError) in
      try Pass(encoder, head, maximumTokens: maximumTokens, team: pool.makeTeam())
    }
  }

  var configuration: ModelConfiguration { encoder.configuration }

  /// Returns the head's output for a batch of any size, row after row, with the same bits as for
  /// each sequence separately. No sequence may be empty.
  ///
  /// - Throws: ``SwiftletError/memory(bytes:purpose:)``; ``SwiftletError/cancelled`` if
  ///   `cancellation` is set before the last pass begins.
  func output(
    of batch: PackedBatch, unless cancellation: Cancellation = .never
  ) throws(SwiftletError) -> [Float] {
    guard batch.sequenceCount > 0 else { return [] }
    try cancellation.check()
    let parts = self.parts(of: batch)
    let count = (parts.last.map { $0.firstRow + $0.rows } ?? 0) * head.outputWidth
    do throws(MemoryError) {
      try MemoryReserve.check(
        count * MemoryLayout<Float>.stride, for: "the outputs of \(batch.sequenceCount) texts")
    } catch {
      throw SwiftletError(error)
    }
    let failure = FirstFailure()
    let rows = [Float](unsafeUninitializedCapacity: count) { output, filled in
      // After a failure some elements are uninitialised, and the array is discarded.
      filled = count
      guard let pointer = output.baseAddress, filled > 0 else { return }
      let target = SharedOutput(pointer: pointer)
      let run = { @Sendable [self] (index: Int) in
        do throws(SwiftletError) {
          guard failure.error == nil else { return }
          try cancellation.check()
          try self.run(batch, parts[index], into: target)
        } catch {
          failure.note(error)
        }
      }
      guard parts.count > 1 else { return run(0) }
      // Threads without a part join the running passes.
      pool.run(count: parts.count, run)
    }
    if let error = failure.error { throw error }
    return rows
  }

  private func run(
    _ batch: PackedBatch, _ part: Part, into target: SharedOutput
  ) throws(SwiftletError) {
    do throws(MemoryError) {
      try passes.withPass { pass in
        pass.run(
          batch.slice(part.sequences), into: target.pointer + part.firstRow * head.outputWidth,
          on: pool)
      }
    } catch {
      throw SwiftletError(error)
    }
  }

  /// The sequences of a pass and their rows in the output.
  private struct Part: Sendable {
    let sequences: Range<Int>
    let firstRow: Int
    let rows: Int
  }

  /// Splits a batch into passes.
  ///
  /// If the batch has enough tokens for every thread, the passes have about equal size and each
  /// runs on one thread, so no thread waits for the slowest. The passes are short, so that the
  /// output of one layer is still in the cache for the next.
  private func parts(of batch: PackedBatch) -> [Part] {
    let limit = passes.maximumTokens
    let share = batch.tokenCount / pool.threadCount
    let rounds = max(1, share / Self.minTokens)
    let size = share < Self.minTokens ? limit : min(share / rounds, limit)
    var parts: [Part] = []
    var (first, row) = (0, 0)
    while first < batch.sequenceCount {
      let last = end(ofPassFrom: first, in: batch, size: size)
      let rows = head.outputRows(batch.slice(first..<last))
      parts.append(Part(sequences: first..<last, firstRow: row, rows: rows))
      row += rows
      first = last
    }
    return parts
  }

  /// The number of tokens from which a thread's own pass is worth reading all the weights.
  private static var minTokens: Int { 192 }

  /// Returns the end of a pass of at least `size` tokens that fits the workspace.
  private func end(ofPassFrom first: Int, in batch: PackedBatch, size: Int) -> Int {
    var last = first + 1
    while last < batch.sequenceCount,
      batch.starts[last] - batch.starts[first] < size,
      batch.starts[last + 1] - batch.starts[first] <= passes.maximumTokens
    { last += 1 }
    return last
  }
}

/// The output of a batch, in which each pass writes its own rows.
private struct SharedOutput: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
}

/// The model with a workspace and a team, which run one pass at a time.
private final class Pass<Head: EncoderHead>: TeamWork, @unchecked Sendable {
  private let encoder: Encoder
  private let head: Head
  private let workspace: Workspace
  private let team: ThreadTeam
  private var batch = PackedBatch().slice()
  private var output: UnsafeMutablePointer<Float>?

  init(_ encoder: Encoder, _ head: Head, maximumTokens: Int, team: ThreadTeam) throws(MemoryError) {
    self.encoder = encoder
    self.head = head
    self.team = team
    workspace = try encoder.makeWorkspace(maximumTokens: maximumTokens, workers: team.capacity)
  }

  func run(_ batch: PackedSlice, into output: UnsafeMutablePointer<Float>, on pool: WorkerPool) {
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

/// A pool of passes; creates a new one if none is idle.
private final class PassStore<Head: EncoderHead>: Sendable {
  let maximumTokens: Int
  private let make: @Sendable () throws(MemoryError) -> Pass<Head>
  private let idle: Mutex<[Pass<Head>]>

  init(
    maximumTokens: Int, make: @escaping @Sendable () throws(MemoryError) -> Pass<Head>
  ) throws(MemoryError) {
    self.maximumTokens = maximumTokens
    self.make = make
    idle = Mutex([try make()])
  }

  func withPass(_ body: (Pass<Head>) -> Void) throws(MemoryError) {
    let pass = if let pass = idle.withLock({ $0.popLast() }) { pass } else { try make() }
    body(pass)
    idle.withLock { $0.append(pass) }
  }
}
