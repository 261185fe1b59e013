import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletONNX
import SwiftletSafetensors

/// A model that is exported: its parts, read and checked.
struct ExportSource {
  let folder: ModelFolder
  let task: ModelTask
  let isQuantized: Bool
  private let checkpoint: CheckpointReader
  private let configuration: ModelConfiguration
  private let output: GraphOutput

  /// Reads the model in `directory` for a task, or for its main task.
  init(_ directory: String, task wanted: ExportOptions.Task?) throws(SwiftletError) {
    try self.init(try ModelLocation(directory).folder(), wanted?.modelTask)
  }

  private init(_ folder: ModelFolder, _ wanted: ModelTask?) throws(SwiftletError) {
    let purpose = try folder.purpose()
    guard let task = wanted ?? purpose.tasks.first?.head else {
      throw .unsupportedModel(
        reason: "\(folder.directory) has no task that can be exported: it is \(purpose.summary)")
    }
    try purpose.check(task, insists: task == .embedding)
    self.folder = folder
    self.task = task
    checkpoint = try ModelLoading.checkpoint(in: folder, ModelOptions())
    isQuantized = checkpoint.isQuantized
    configuration = try ModelLoading.configuration(
      in: folder.transformer,
      labelled: task == .textClassification || task == .tokenClassification)
    output = try Self.output(of: folder, task)
  }

  /// The model as SwiftletONNX takes it.
  var model: ExportedModel {
    ExportedModel(
      checkpoint, configuration, output: output, producerVersion: "\(ProjectVersion.text)")
  }

  private static func output(
    of folder: ModelFolder, _ task: ModelTask
  ) throws(SwiftletError) -> GraphOutput {
    switch task {
    case .textClassification, .zeroShotClassification: .head(.sequenceClassification)
    case .tokenClassification: .head(.tokenClassification)
    case .questionAnswering: .head(.questionAnswering)
    case .fillMask: .head(.maskedLanguage)
    case .multipleChoice: .head(.multipleChoice)
    case .embedding:
      folder.hasPooling ? .sentence(try tail(of: folder)) : .hiddenRows
    }
  }

  /// The modules after the encoder.
  private static func tail(of folder: ModelFolder) throws(SwiftletError) -> SentenceTail {
    let modules = try SentenceModules(directory: folder.directory)
    var dense: SentenceTail.DenseLayer?
    if let module = modules.dense {
      do throws(CheckpointError) {
        dense = SentenceTail.DenseLayer(
          try CheckpointReader(directory: module.directory, loading: .mapped),
          inputs: module.inputs, outputs: module.outputs, hasBias: module.hasBias,
          activation: module.activation.hidden)
      } catch {
        throw SwiftletError(error)
      }
    }
    return SentenceTail(
      poolings: modules.poolings.compactMap { SentencePooling(rawValue: $0.rawValue) },
      dense: dense, normalizes: modules.normalizes)
  }
}
