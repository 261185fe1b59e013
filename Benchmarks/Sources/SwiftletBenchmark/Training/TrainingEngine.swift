import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem
import SwiftletTraining

/// A sequence classifier in training: the steps of `swiftlet train`, without files, evaluations and reports.
final class TrainingEngine {
  private let network: ModelNetwork<SequenceClassificationHead>
  private let optimizer: ModelOptimizer
  private let loss = CrossEntropy()
  private var step = 0

  let shape: ModelShape
  let instructionSet: InstructionSet

  /// The settings of `train_torch.py`.
  private static let (rate, weightDecay, maxNorm) = (5e-5, 0.01, 1.0)

  /// Loads a model to train it in float32 or bfloat16.
  init(
    model directory: String, precision: Precision, threads: Int
  ) throws(BenchmarkError) {
    let pool = WorkerPool(threadCount: threads)
    let configuration: ModelConfiguration
    let model: TrainableModel<SequenceClassificationHead>
    do throws(CheckpointError) {
      configuration = try ModelConfiguration(path: directory + "/config.json")
      let setup = TrainingSetup { _, values in values.update(repeating: 0) }
      model = try TrainableModel(
        .sequenceClassification, configuration,
        CheckpointReader(directory: directory, loading: .mapped),
        TrainableModelOptions(
          setup: setup, pool: pool, precision: precision == .bfloat16 ? .bfloat16 : .float32))
    } catch {
      throw .engine(error.description)
    }
    network = ModelNetwork(model, dropout: configuration.dropout, seed: 0)
    optimizer = try Self.optimizer(of: model, pool)
    shape = ModelShape(configuration)
    instructionSet = InstructionSet(rawValue: model.encoder.kernels.table.name) ?? .baseline
  }

  private static func optimizer(
    of model: TrainableModel<SequenceClassificationHead>, _ pool: WorkerPool
  ) throws(BenchmarkError) -> ModelOptimizer {
    var options = AdamWOptions()
    options.weightDecay = weightDecay
    let groups: ParameterGroups
    do throws(TrainingError) {
      groups = try ParameterGroups(layerCount: model.configuration.layerCount)
    } catch {
      throw .engine(error.description)
    }
    do throws(MemoryError) {
      return try ModelOptimizer(
        model.tensors, groups: groups, options: options, kernels: model.encoder.kernels.table,
        pool: pool
      ) { model.completeGradients() }
    } catch {
      throw .engine(error.description)
    }
  }

  /// Forward and backward passes, clipping, AdamW, and the packing of the changed weights.
  func train(on batch: TrainingBatchTexts) throws(BenchmarkError) {
    network.clearGradients()
    let loss: Double
    do {
      loss = try addGradients(of: batch)
    } catch {
      throw .engine("\(error)")
    }
    let clipping = optimizer.clipping(limit: Self.maxNorm)
    guard loss.isFinite, clipping.isFinite else {
      throw .engine("the loss of step \(step + 1) is \(loss), its gradient \(clipping.norm)")
    }
    optimizer.update(learningRate: Self.rate, clipping: clipping.coefficient)
    network.weightsDidChange()
    step += 1
  }

  /// Runs the passes of a step; returns the mean loss.
  private func addGradients(of batch: TrainingBatchTexts) throws -> Double {
    var mean = 0.0
    var packed = PackedBatch()
    for range in PassCut.ranges(tokenCounts: batch.lengths, budget: PassCut.usualTokens) {
      packed.removeAll()
      for text in batch.texts[range] { packed.append(text) }
      let outputs = try network.forward(
        packed, step: step, firstSequence: range.lowerBound, training: true)
      let gradient = network.model.outputGradient(rows: outputs.rows)
      mean += loss(
        outputs, targets: batch.labels[range], normalizer: Double(batch.labels.count),
        gradient: gradient)
      network.backward(gradient)
    }
    return mean
  }
}

extension ModelShape {
  init(_ configuration: ModelConfiguration) {
    self.init(
      vocabularySize: configuration.vocabularySize, dimension: configuration.hiddenSize,
      layerCount: configuration.layerCount, hiddenDimension: configuration.intermediateSize,
      headCount: configuration.headCount, maximumPositions: configuration.maxPositions)
  }
}

extension ForwardCost {
  /// Operations of a training step: each product of the forward pass has two in the backward pass, for the
  /// gradients of its two operands. Recomputed products do not count.
  var ofTraining: Int { 3 * total }
}
