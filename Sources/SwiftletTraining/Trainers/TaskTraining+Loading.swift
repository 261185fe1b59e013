import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletSystem

extension TaskTraining {
  /// Loads the model from the base, with low-rank matrices if the method is LoRA.
  static func network(
    _ context: TrainingContext, _ guesses: GuessedTokens?, _ load: LoadModel
  ) throws(TrainingError) -> ModelNetwork<Head> {
    let (options, configuration) = (context.request.options, context.configuration)
    let initializer = GaussianInitializer(
      seed: options.seed, deviation: configuration.initializerRange)
    let (groups, newNames) = (context.groups, context.newNames)
    let targets = try LoRATargets(
      options.method, configuration, head: context.data.task.head
    ) { groups.group(of: $0) != nil }
    let setup = TrainingSetup(
      trains: { groups.group(of: $0) != nil || targets?.needsGradient($0) == true },
      isNew: { newNames.contains($0.name) }
    ) { parameter, values in
      initializer.initialize(parameter, values)
    }
    let model: TrainableModel<Head>
    do throws(CheckpointError) {
      model = try load(
        TrainableModelOptions(
          setup: setup, pool: context.pool, precision: options.kernelPrecision), configuration,
        context.base)
    } catch {
      throw TrainingError(reading: error)
    }
    var adaptation: LowRankAdaptation?
    do throws(MemoryError) {
      if let targets {
        adaptation = try LowRankAdaptation(
          targets, model.tensors, seed: options.seed, pool: context.pool)
      }
    } catch {
      throw .memory(bytes: error.bytes, purpose: error.purpose)
    }
    return ModelNetwork(
      model,
      dropout: options.dropout.map { DropoutRates(configuration.architecture, all: $0) }
        ?? configuration.dropout, seed: options.seed, guesses: guesses, adaptation: adaptation,
      hidden: context.distillation?.hidden)
  }
}

extension GaussianInitializer {
  /// The initial values of a new head: normal weights, zero biases, and the identity as normalisation.
  func initialize(
    _ parameter: Parameter, _ values: UnsafeMutableBufferPointer<Float>
  ) {
    switch parameter.role {
    case .normWeight: values.update(repeating: 1)
    case .normBias, .linearBias: values.update(repeating: 0)
    case .embedding, .linearWeight:
      let drawn = self.values(of: parameter.name, count: values.count)
      for (index, value) in drawn.enumerated() { values[index] = value }
    }
  }
}

extension LaterWork {
  /// What follows the training of a task: the passes of calibration, and the file that is written, read and
  /// evaluated.
  init(_ request: TrainingRequest, validation: (some TrainingObjective)?, parameters: Int) {
    self.init()
    let passes = (request.calibrates ? 2 : 0) + (request.output == nil ? 0 : 1)
    tokens = passes * (validation?.tokenCount ?? 0)
    writtenBytes = request.output == nil ? 0 : 4 * parameters
  }
}
