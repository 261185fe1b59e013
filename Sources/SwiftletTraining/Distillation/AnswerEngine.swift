import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// A model for inference: packed batches in, rows of numbers out. The rows of a sequence have the same bits in
/// any batch and on any number of threads.
struct AnswerEngine {
  /// What a row holds: one row for each sequence, or for each token if the task labels tokens.
  enum Output {
    case logits(TrainingTask)
    case hiddenRows(TrainingTask)
  }

  let width: Int
  private let output: (PackedBatch, Cancellation) throws(BatchError) -> [Float]
  /// The tokens of a batch, enough for all threads.
  private static let batchTokens = 1 << 14

  /// Loads the weights. Weights that are stored as int8 ignore `precision`.
  init(
    _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader, _ kind: Output,
    _ precision: Precision = .float32, on pool: WorkerPool
  ) throws(TrainingError) {
    do {
      let kernels = try Kernels(
        backend: .native, precision: checkpoint.isQuantized ? .int8 : precision)
      let encoder = try Encoder(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels, pool: pool)
      switch kind {
      case .logits(.tokens):
        self.init(
          try BatchRunner(
            encoder: encoder,
            head: try TokenHead(
              .tokenClassification, configuration: configuration, checkpoint: checkpoint,
              kernels: kernels, pool: pool), pool: pool))
      case .logits:
        self.init(
          try BatchRunner(
            encoder: encoder,
            head: try SequenceClassificationHead(
              configuration: configuration, checkpoint: checkpoint, kernels: kernels, pool: pool),
            pool: pool))
      case .hiddenRows(.tokens):
        self.init(
          try BatchRunner(encoder: encoder, head: TokenRowsHead(configuration), pool: pool))
      case .hiddenRows:
        self.init(
          try BatchRunner(
            encoder: encoder,
            head: try SentenceHead(
              poolings: [.cls], dense: nil, normalizes: false, configuration: configuration,
              kernels: kernels, pool: pool), pool: pool))
      }
    } catch let error as CheckpointError {
      throw TrainingError(reading: error)
    } catch let error as MemoryError {
      throw .memory(bytes: error.bytes, purpose: error.purpose)
    } catch {
      throw .unreadable(reason: "\(error)")
    }
  }

  /// The model of a loaded runner.
  init<Head: EncoderHead>(_ runner: BatchRunner<Head>) {
    width = runner.head.outputWidth
    output = { (batch, cancellation) throws(BatchError) in
      try runner.output(of: batch, unless: cancellation)
    }
  }

  /// Computes the rows of a batch.
  ///
  /// - Throws: ``Interruption`` if cancelled; `MemoryError`.
  func rows(
    of batch: PackedBatch, unless cancellation: Cancellation = .never
  ) throws -> [Float] {
    do throws(BatchError) {
      return try output(batch, cancellation)
    } catch {
      switch error {
      case .cancelled: throw Interruption()
      case .memory(let error): throw error
      }
    }
  }

  /// Computes the rows of all examples.
  ///
  /// - Parameters:
  ///   - data: The examples.
  ///   - cancellation: Ends the work between two batches.
  ///   - progress: Receives the number of examples so far.
  /// - Returns: The rows in the order of the examples.
  /// - Throws: ``TrainingError/invalidRow(file:line:reason:)`` for a row that is not finite; as ``rows(of:unless:)``.
  func rows(
    of data: EncodedDataset, unless cancellation: Cancellation, progress: (Int) -> Void
  ) throws -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(data.softLabelCount(width: width))
    var batch = PackedBatch()
    var first = 0
    for example in 0..<data.count {
      data.append(example, to: &batch)
      guard batch.tokenCount >= Self.batchTokens || example == data.count - 1 else { continue }
      let rows = try self.rows(of: batch, unless: cancellation)
      if let place = rows.firstIndex(where: { !$0.isFinite }) {
        throw Self.notFinite(place / width, first, batch, data)
      }
      values += rows
      batch.removeAll()
      first = example + 1
      progress(first)
    }
    return values
  }

  /// The error for a row of the batch that begins with the example `first`.
  private static func notFinite(
    _ row: Int, _ first: Int, _ batch: PackedBatch, _ data: EncodedDataset
  ) -> TrainingError {
    let sequence =
      data.task == .tokens ? batch.starts.lastIndex { $0 <= row } ?? 0 : row
    let place = data.row(of: first + sequence)
    return .invalidRow(
      file: data.rows.file, line: data.rows.line(of: place),
      reason: "the model's answer is not a finite number")
  }
}

extension EncodedDataset {
  /// The number of soft labels with `width` logits in a row.
  func softLabelCount(width: Int) -> Int {
    guard task == .tokens else { return count * width }
    return (0..<count).reduce(0) { $0 + tokenCount(of: $1) } * width
  }
}
