import SwiftletCheckpoint
package import SwiftletEncoder
import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// Computes a head's rows for callers that form their own batches, such as the server's queue.
///
/// Any number of threads may call it at once; each computes on its own thread and is helped by idle
/// ones.
package struct RowEngine: Sendable {
  /// The number of floats in a row.
  package let width: Int
  /// Whether there is a row for each token; otherwise one for each sequence.
  package let hasRowForEachToken: Bool
  /// The number type of the linear layers.
  package let precision: Swiftlet.Precision
  /// `avx512bf16`, `avx512`, `avx2` or `baseline`.
  package let instructionSet: String
  package let pool: WorkerPool
  private let output: @Sendable (PackedBatch) throws(SwiftletError) -> [Float]

  fileprivate init<Head: EncoderHead>(_ engine: BatchRunner<Head>) {
    width = engine.head.outputWidth
    hasRowForEachToken = engine.head.rowKind == .token
    precision = Swiftlet.Precision(engine.encoder.kernels.precision)
    instructionSet = engine.encoder.kernels.table.name
    pool = engine.pool
    output = { (batch) throws(SwiftletError) in try engine.rows(of: batch) }
  }

  /// Returns the rows of all sequences, with the same bits as for each sequence separately. All
  /// must pass ``ModelConfiguration/problem(with:)``.
  ///
  /// - Throws: ``SwiftletError/memory(bytes:purpose:)``.
  package func rows(of batch: PackedBatch) throws(SwiftletError) -> [Float] { try output(batch) }

  /// Computes a batch on every thread at once, so that all have allocated and touched their memory.
  ///
  /// - Throws: ``SwiftletError/memory(bytes:purpose:)``.
  package func warmUp(with batch: PackedBatch) throws(SwiftletError) {
    let failure = FirstError<SwiftletError>()
    pool.run(count: pool.threadCount) { [output] _ in
      do throws(SwiftletError) { _ = try output(batch) } catch { failure.report(error) }
    }
    if let error = failure.error { throw error }
  }
}

extension Classifier {
  /// Returns logits, one row for each sequence.
  package var rowEngine: RowEngine { RowEngine(model.engine) }
  package var encoder: TextEncoder { model.encoder }
  /// The score function of the model's `problem_type`.
  package var scoreFunction: ScoreFunction {
    ScoreFunction(model.configuration.problemType, labelCount: labels.count)
  }
}

extension Embedder {
  /// Returns embeddings, one row for each sequence.
  package var rowEngine: RowEngine { RowEngine(model.engine) }
  /// Creates an engine that returns the last hidden state of each token. It allocates its own
  /// workspaces, so keep it.
  package func makeTokenRowEngine() throws(SwiftletError) -> RowEngine {
    do throws(MemoryError) {
      return RowEngine(
        try BatchRunner(
          encoder: model.engine.encoder, head: TokenRowsHead(model.configuration),
          pool: model.engine.pool))
    } catch {
      throw SwiftletError(error)
    }
  }
  package var encoder: TextEncoder { model.encoder }
}
