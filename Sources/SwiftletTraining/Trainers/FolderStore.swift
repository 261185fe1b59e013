import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletKernelCore
import SwiftletSafetensors
import SwiftletSystem

/// The checkpoints of a training in the folder `checkpoint` of its output.
final class FolderStore: CheckpointStore {
  private let folder: CheckpointFolder
  private let tensors: [TrainedTensor]
  private let optimizer: ModelOptimizer
  private let template: TrainingState
  private let packAgain: () -> Void
  private var isBestPending = false

  /// Saves values and moments with the arguments of `template`. `packAgain` is called after a resume.
  init(
    _ folder: CheckpointFolder, _ tensors: [TrainedTensor], _ optimizer: ModelOptimizer,
    template: TrainingState, packAgain: @escaping () -> Void
  ) {
    self.folder = folder
    self.tensors = tensors
    self.optimizer = optimizer
    self.template = template
    self.packAgain = packAgain
  }

  /// The loop saves the best weights and then the last state of the same step. Both are written then, so that
  /// a killed process leaves a state whose best weights exist.
  func save(_ kind: SavedCheckpoint.Kind, _ state: LoopState) throws -> String {
    guard kind == .last else {
      isBestPending = true
      return folder.path
    }
    var saved = template
    saved.loop = state
    try folder.write(
      saved, tensors: values + moments, best: isBestPending ? values : nil)
    isBestPending = false
    return folder.path
  }

  func loadBest(step: Int) throws {
    guard let best = try folder.read().best else {
      throw TrainingError.unreadable(
        reason: "the best weights are missing in \(folder.path); train again")
    }
    try load(values: best)
  }

  /// Sets values, moments and step of the optimiser from the checkpoint, and returns its state.
  func resume() throws(TrainingError) -> LoopState {
    let contents = try folder.read()
    try contents.state.check(template)
    try load(values: contents.tensors)
    for moment in optimizer.moments {
      for (index, parameter) in moment.tensor.parameters.enumerated() {
        let names = CheckpointFolder.momentNames(of: parameter.name)
        try read(names.first, contents.tensors, moment.tensor, index, into: moment.firstMoments)
        try read(names.second, contents.tensors, moment.tensor, index, into: moment.secondMoments)
      }
    }
    optimizer.restore(step: contents.state.loop.step - contents.state.loop.skippedSteps)
    packAgain()
    return contents.state.loop
  }

  private func load(values file: SafetensorsFile) throws(TrainingError) {
    for tensor in tensors {
      for (index, parameter) in tensor.parameters.enumerated() {
        try read(parameter.name, file, tensor, index, into: tensor.values)
      }
    }
  }

  private func read(
    _ name: String, _ file: SafetensorsFile, _ tensor: TrainedTensor, _ index: Int,
    into target: UnsafeMutablePointer<Float>
  ) throws(TrainingError) {
    let values: [Float]
    do throws(SafetensorsError) {
      values = try file.floats(name)
    } catch {
      throw TrainingError(reading: error)
    }
    guard values.count == tensor.parameters[index].shape.reduce(1, *) else {
      throw .unreadable(
        reason: "\(file.path) has another size of \(name); start again without --resume")
    }
    values.withUnsafeBufferPointer {
      if let source = $0.baseAddress { tensor.store(index, from: source, into: target) }
    }
    // The pages of the mapped file count as memory of the process.
    file.stored(name)?.release(0..<values.count)
  }

  private var values: [CheckpointFolder.Tensor] {
    tensors.flatMap { tensor in
      tensor.parameters.enumerated().map { index, parameter in
        CheckpointFolder.Tensor(parameter.name, shape: parameter.shape) {
          tensor.copy(index, from: tensor.values, into: $0)
        }
      }
    }
  }

  private var moments: [CheckpointFolder.Tensor] {
    optimizer.moments.flatMap { moment in
      moment.tensor.parameters.enumerated().flatMap { index, parameter in
        let names = CheckpointFolder.momentNames(of: parameter.name)
        return [
          CheckpointFolder.Tensor(names.first, shape: parameter.shape) {
            moment.tensor.copy(index, from: moment.firstMoments, into: $0)
          },
          CheckpointFolder.Tensor(names.second, shape: parameter.shape) {
            moment.tensor.copy(index, from: moment.secondMoments, into: $0)
          },
        ]
      }
    }
  }
}

/// For a training without an output: the best weights stay in memory, and nothing is saved.
final class MemoryStore: CheckpointStore {
  private let tensors: [TrainedTensor]
  private var best: [[Float]] = []

  init(_ tensors: [TrainedTensor]) { self.tensors = tensors }

  func save(_ kind: SavedCheckpoint.Kind, _ state: LoopState) throws -> String {
    guard kind == .best else { return "" }
    let count = tensors.reduce(0) { $0 + $1.count }
    try MemoryReserve.check(4 * count, for: "the best weights")
    best = tensors.map { Array(UnsafeBufferPointer(start: $0.values, count: $0.count)) }
    return ""
  }

  func loadBest(step: Int) throws {
    for (tensor, values) in zip(tensors, best) {
      tensor.values.update(from: values, count: tensor.count)
    }
  }
}
