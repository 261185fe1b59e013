package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem

/// The modules of sentence-transformers after the encoder: pooling, at most one dense layer, and
/// normalisation. out[S, width] = normalize(activation(dense(pool(h)))).
package struct SentenceHead: EncoderHead {
  private let storage: WeightStorage
  private let poolings: [Pooling]
  private let dense: Linear?
  private let activation: Activation
  private let normalizes: Bool
  private let hiddenSize: Int

  /// A dense layer, which has its own folder.
  package struct DenseModule: Sendable {
    package let directory: String
    package let inputs: Int
    package let outputs: Int
    package let hasBias: Bool
    package let activation: Activation

    package init(
      directory: String, inputs: Int, outputs: Int, hasBias: Bool, activation: Activation
    ) {
      self.directory = directory
      self.inputs = inputs
      self.outputs = outputs
      self.hasBias = hasBias
      self.activation = activation
    }

    /// The layer's parameters, by their names in the folder's weights.
    package var parameters: [Parameter] {
      Parameter.linear("linear", inputs: inputs, outputs: outputs, hasBias: hasBias)
    }
  }

  package var rowKind: OutputRowKind { .sequence }
  package var reads: OutputRows { poolings == [.cls] ? .firstTokens : .allTokens }
  package var outputWidth: Int { dense?.outputs ?? poolings.count * hiddenSize }
  package func outputRows(_ batch: PackedSlice) -> Int { batch.sequenceCount }
  /// Bytes of the dense layer's weights, with their gradients in training.
  package var ownBytes: Int { storage.byteCount }

  /// At most three poolings, which follow one another in a row.
  package init(
    poolings: [Pooling], dense module: DenseModule?, normalizes: Bool,
    configuration: ModelConfiguration, kernels: Kernels,
    pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(CheckpointError) {
    try self.init(
      poolings: poolings, dense: module, normalizes: normalizes, configuration: configuration,
      kernels: kernels, pool: pool, training: nil)
  }

  /// Collects the tensors of the dense layer in `trained`.
  init(
    poolings: [Pooling], dense module: DenseModule?, normalizes: Bool,
    configuration: ModelConfiguration, kernels: Kernels, pool: WorkerPool,
    training trained: TrainedTensors?
  ) throws(CheckpointError) {
    requirePrecondition(
      (1...3).contains(poolings.count), "the workspace holds three rows for each token")
    self.poolings = poolings
    self.normalizes = normalizes
    hiddenSize = configuration.hiddenSize
    activation = module?.activation ?? .linear
    if let module, module.inputs != poolings.count * hiddenSize {
      throw .wrongShape(
        path: module.directory, tensor: "linear.weight",
        expected: [module.outputs, poolings.count * hiddenSize],
        found: [module.outputs, module.inputs])
    }
    guard let module else {
      dense = nil
      storage = WeightStorage()
      return
    }
    let checkpoint = try CheckpointReader(directory: module.directory, loading: .read)
    let loader = try WeightLoader(
      module.parameters, of: checkpoint, for: kernels.float32, training: trained)
    dense = try loader.linear("linear")
    storage = try loader.fill(on: pool)
  }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass
  ) {
    let count = batch.sequenceCount
    let result = Matrix(output, rows: count, columns: outputWidth)
    let width = poolings.count * hiddenSize
    let pooled = dense == nil ? result : pass.buffers.matrix(.poolings, rows: count, columns: width)
    pass.parallelFor(count) { sequences in
      for sequence in sequences {
        let range =
          reads == .firstTokens ? sequence..<sequence + 1 : batch.range(sequence)
        for (index, pooling) in poolings.enumerated() {
          pooling.pool(rows.rows(range), into: pooled.row(sequence) + index * hiddenSize)
        }
      }
    }
    if let dense { pass.linear(dense, pooled, then: activation, into: result) }
    guard normalizes else { return }
    pass.parallelFor(count) { part in
      for row in part {
        normalize(UnsafeMutableBufferPointer(start: result.row(row), count: result.columns))
      }
    }
  }
}

// MARK: Training

extension SentenceHead: TrainableHead {
  /// output = normalize(activation(dense(pool(rows)))). The first work matrix keeps the sums of the dense
  /// layer, the second what is normalised.
  package func forward(
    _ kept: HeadActivations, _ batch: TrainingBatch, _ pass: inout TrainingPass
  ) {
    let count = kept.output.rows
    let pooled =
      dense == nil ? kept.work.1 : pass.buffers.poolings(rows: count, columns: pooledWidth)
    pass.parallelFor(count) { sequences in
      for sequence in sequences {
        for (index, pooling) in poolings.enumerated() {
          pooling.pool(
            kept.rows.rows(rowRange(sequence, batch)),
            into: pooled.row(sequence) + index * hiddenSize)
        }
      }
    }
    if let dense {
      pass.linear(dense, pooled, then: activation, keeping: kept.work.0, into: kept.work.1)
    }
    pass.parallelFor(count) { part in
      for row in part {
        let result = kept.output.row(row)
        result.update(from: kept.work.1.row(row), count: kept.output.columns)
        if normalizes {
          normalize(UnsafeMutableBufferPointer(start: result, count: kept.output.columns))
        }
      }
    }
  }

  package func backward(
    _ g: Matrix<Float>, _ kept: HeadActivations, _ batch: TrainingBatch,
    _ pass: inout TrainingPass
  ) {
    let count = kept.output.rows
    // output = normalize(work.1)
    if normalizes {
      pass.parallelFor(count) { part in
        for row in part {
          normalizeGradient(
            g.row(row), of: kept.work.1.row(row), kept.output.row(row), count: g.columns)
        }
      }
    }
    // work.1 = activation(dense(pooled))
    var dPooled = g
    if let dense {
      pass.differentiate(activation, g, at: kept.work.0)
      let pooled = pass.buffers.poolings(rows: count, columns: pooledWidth)
      pass.addGradients(of: dense, g, from: pooled)
      dPooled = pass.gradient(.queryKeyValue, rows: count, columns: pooledWidth)
      pass.inputGradient(of: dense, g, into: dPooled)
    }
    // pooled = pool(rows)
    let dRows = pass.gradient(.hidden, rows: kept.rows.rows)
    pass.parallelFor(count) { sequences in
      for sequence in sequences {
        let range = rowRange(sequence, batch)
        for row in range { dRows.row(row).update(repeating: 0, count: hiddenSize) }
        for (index, pooling) in poolings.enumerated() {
          pooling.addGradient(
            dPooled.row(sequence) + index * hiddenSize, of: kept.rows.rows(range),
            to: dRows.rows(range))
        }
      }
    }
  }

  private var pooledWidth: Int { poolings.count * hiddenSize }

  private func rowRange(_ sequence: Int, _ batch: TrainingBatch) -> Range<Int> {
    reads == .firstTokens ? sequence..<sequence + 1 : batch.sequences.slice().range(sequence)
  }
}

extension Pooling {
  /// Adds to the gradient of the rows for the gradient `g` of their pooled row.
  fileprivate func addGradient(
    _ g: UnsafePointer<Float>, of rows: Matrix<Float>, to dRows: Matrix<Float>
  ) {
    func add(_ row: Int, _ factor: Float) {
      let target = dRows.row(row)
      for column in 0..<rows.columns { target[column] += factor * g[column] }
    }
    let count = rows.rows
    switch self {
    case .cls: add(0, 1)
    case .last: add(count - 1, 1)
    case .max:
      // The first of equal maxima.
      for column in 0..<rows.columns {
        var best = 0
        for row in 1..<Swift.max(1, count) where rows.row(row)[column] > rows.row(best)[column] {
          best = row
        }
        dRows.row(best)[column] += g[column]
      }
    case .mean: for row in 0..<count { add(row, 1 / Float(count)) }
    case .meanSquareRoot: for row in 0..<count { add(row, 1 / Float(count).squareRoot()) }
    case .weightedMean:
      let divisor = Float(count * (count + 1) / 2)
      for row in 0..<count { add(row, Float(row + 1) / divisor) }
    }
  }
}
