package import SwiftletCheckpoint
package import SwiftletRuntime
package import SwiftletSystem

/// Why a batch has no result.
package enum BatchError: Error {
  case memory(MemoryError)
  /// The caller cancelled the computation.
  case cancelled
}

/// Computes batches of any size with an encoder and a head, on all threads of a pool.
///
/// Passes that run at the same time have a workspace each.
package final class BatchRunner<Head: EncoderHead>: Sendable {
  package let encoder: Encoder
  package let pool: WorkerPool
  package let head: Head
  private let passes: WorkspacePool<Head>

  /// Allocates the first workspace, so that a memory limit that is too low shows at the start.
  package init(encoder: Encoder, head: Head, pool: WorkerPool) throws(MemoryError) {
    self.encoder = encoder
    self.pool = pool
    self.head = head
    passes = try WorkspacePool { () throws(MemoryError) in
      try PooledPass(encoder, head, team: pool.makeTeam())
    }
  }

  package var configuration: ModelConfiguration { encoder.configuration }

  /// The head's output for a batch, row after row: the same bits as for each sequence by itself. No
  /// sequence may be empty.
  ///
  /// - Throws: `cancelled` if `cancellation` is set before the last pass begins.
  package func output(
    of batch: PackedBatch, unless cancellation: Cancellation = .never
  ) throws(BatchError) -> [Float] {
    guard batch.sequenceCount > 0 else { return [] }
    if cancellation.isCancelled { throw .cancelled }
    let parts = self.parts(of: batch)
    let count = (parts.last.map { $0.firstRow + $0.rows } ?? 0) * head.outputWidth
    do throws(MemoryError) {
      try MemoryReserve.check(
        count * MemoryLayout<Float>.stride, for: "the outputs of \(batch.sequenceCount) texts")
    } catch {
      throw .memory(error)
    }
    let failure = FirstError<BatchError>()
    let rows = [Float](unsafeUninitializedCapacity: count) { output, filled in
      // After an error some rows have no values; the array is dropped.
      filled = count
      guard let pointer = output.baseAddress, filled > 0 else { return }
      let target = SharedOutput(pointer: pointer)
      let run = { @Sendable [self] (index: Int) in
        guard failure.error == nil else { return }
        if cancellation.isCancelled { return failure.report(.cancelled) }
        do throws(MemoryError) {
          try self.run(batch, parts[index], into: target)
        } catch {
          failure.report(.memory(error))
        }
      }
      guard parts.count > 1 else { return run(0) }
      // Threads that find no part to compute join the passes that still run.
      pool.run(count: parts.count, run)
    }
    if let error = failure.error { throw error }
    return rows
  }

  private func run(
    _ batch: PackedBatch, _ part: Part, into target: SharedOutput
  ) throws(MemoryError) {
    try passes.withPass { pass in
      pass.run(
        batch.slice(part.sequences), into: target.pointer + part.firstRow * head.outputWidth,
        on: pool)
    }
  }

  /// The sequences of a pass and their rows in the output.
  private struct Part: Sendable {
    let sequences: Range<Int>
    let firstRow: Int
    let rows: Int
  }

  /// The sequences of each pass. A batch with enough tokens for every thread becomes passes of about equal
  /// size, one for each thread at a time: these threads do not wait for each other. The passes are short, so
  /// that the rows between two layers stay in the cache.
  private func parts(of batch: PackedBatch) -> [Part] {
    let limit = maxTokens
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

  private var maxTokens: Int { configuration.passTokens }

  /// The tokens of a pass below which a thread does not compute it alone: it would read all weights.
  private static var minTokens: Int { 192 }

  /// Sequences of at least `size` tokens together, but as many as fit the workspace.
  private func end(ofPassFrom first: Int, in batch: PackedBatch, size: Int) -> Int {
    var last = first + 1
    while last < batch.sequenceCount,
      batch.starts[last] - batch.starts[first] < size,
      batch.starts[last + 1] - batch.starts[first] <= maxTokens
    { last += 1 }
    return last
  }
}

/// The output of a batch; each pass writes its own rows.
private struct SharedOutput: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
}
