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
    let directory: String
    let inputs: Int
    let outputs: Int
    let hasBias: Bool
    let activation: Activation

    package init(
      directory: String, inputs: Int, outputs: Int, hasBias: Bool, activation: Activation
    ) {
      self.directory = directory
      self.inputs = inputs
      self.outputs = outputs
      self.hasBias = hasBias
      self.activation = activation
    }
  }

  package var rowKind: OutputRowKind { .sequence }
  package var reads: OutputRows { poolings == [.cls] ? .firstTokens : .allTokens }
  package var outputWidth: Int { dense?.outputs ?? poolings.count * hiddenSize }
  package func outputRows(_ batch: PackedSlice) -> Int { batch.sequenceCount }

  /// At most three poolings, which follow one another in a row.
  package init(
    poolings: [Pooling], dense module: DenseModule?, normalizes: Bool,
    configuration: ModelConfiguration, kernels: Kernels,
    pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(CheckpointError) {
    requirePrecondition(
      (1...3).contains(poolings.count), "the workspace holds three rows for each token")
    self.poolings = poolings
    self.normalizes = normalizes
    hiddenSize = configuration.hiddenSize
    activation = module?.activation ?? .linear
    guard let module else {
      dense = nil
      storage = WeightStorage()
      return
    }
    guard module.inputs == poolings.count * hiddenSize else {
      throw .wrongShape(
        path: module.directory, tensor: "linear.weight",
        expected: [module.outputs, poolings.count * hiddenSize],
        found: [module.outputs, module.inputs])
    }
    let checkpoint = try CheckpointReader(directory: module.directory, loading: .read)
    let loader = try WeightLoader(
      Parameter.linear(
        "linear", inputs: module.inputs, outputs: module.outputs, hasBias: module.hasBias),
      of: checkpoint, for: kernels.float32)
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
