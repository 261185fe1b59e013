import SwiftletCheckpoint
package import SwiftletEncoder
import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// A loaded model seen from a queue that forms its own batches: checked sequences in, a head's rows
/// out, and the threads that compute.
///
/// Any number of threads may ask at once; each computes on its own, with the help of those that have
/// nothing else to do.
package struct RowEngine: Sendable {
  /// Floats in a row.
  package let width: Int
  /// Whether every token has a row, or every sequence.
  package let hasRowForEachToken: Bool
  /// The number type of the linear layers.
  package let precision: Swiftlet.Precision
  /// `avx512`, `avx2` or `baseline`.
  package let instructionSet: String
  package let pool: WorkerPool
  private let output: @Sendable (PackedBatch) throws(SwiftletError) -> [Float]

  fileprivate init<Head: EncoderHead>(_ engine: BatchRunner<Head>) {
    width = engine.head.outputWidth
    hasRowForEachToken = engine.head.rowKind == .token
    precision = engine.encoder.kernels.precision == .int8 ? .int8 : .float32
    instructionSet = engine.encoder.kernels.table.name
    pool = engine.pool
    output = { (batch) throws(SwiftletError) in try engine.rows(of: batch) }
  }

  /// The rows of all sequences, one after another: the same bits as for each by itself. None may be
  /// empty, longer than the model takes, or with ids that it lacks:
  /// ``ModelConfiguration/problem(with:)``.
  ///
  /// - Throws: ``SwiftletError/memory(bytes:purpose:)``.
  package func rows(of batch: PackedBatch) throws(SwiftletError) -> [Float] { try output(batch) }

  /// Computes a batch on every thread at once, so that all have their memory, and have touched it.
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
  /// Logits, one row for each sequence.
  package var rowEngine: RowEngine { RowEngine(model.engine) }
  package var encoder: TextEncoder { model.encoder }
  /// What the model's `problem_type` makes of logits.
  package var scoreFunction: ScoreFunction {
    ScoreFunction(model.configuration.problemType, labelCount: labels.count)
  }
}

extension Embedder {
  /// Pooled rows, one for each sequence.
  package var rowEngine: RowEngine { RowEngine(model.engine) }
  /// The last hidden row of each token. Keep it: what it computes in is its own.
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
