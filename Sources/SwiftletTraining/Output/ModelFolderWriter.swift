import Glibc
import Swiftlet
import SwiftletCheckpoint
import SwiftletJSON
import SwiftletSafetensors
import SwiftletSystem

/// Writes the folder of a trained model: what transformers' `save_pretrained` writes, the tokenizer's files,
/// and the report of the training. The folder appears as a whole or not at all.
package struct ModelFolderWriter: Sendable {
  /// The folder to write, whose parent must exist.
  package let output: String
  private let base: String
  private let replacesModel: Bool

  /// The file that says that a folder was written by training.
  package static let reportName = "training.json"

  /// The folder of an adapter in the output.
  package static let adapterName = "adapter"

  /// Checks the output, which a training does before its first step.
  ///
  /// - Parameters:
  ///   - output: The folder, which must be missing or empty; it may hold the state of a training.
  ///   - replacing: Whether it may also be the result of another training, which is then replaced.
  ///   - base: The folder of the base model, which is never replaced.
  /// - Throws: ``TrainingError/unwritable(reason:)``.
  package init(output: String, replacing: Bool, base: String) throws(TrainingError) {
    (self.output, replacesModel, self.base) = (output, replacing, base)
    guard !output.isEmpty else {
      throw .invalidOption(name: "--output", reason: "is empty; name a folder to write")
    }
    try refuseBase()
    let folder = try OutputFiles.writing { () throws(FileError) in
      try StagedFolder(destination: output)
    }
    try check(folder, writing: [])
  }

  /// Writes the model, with a report of the training unless it is nil, and with an adapter in the folder
  /// `adapter` unless it is nil. There transformers does not take the whole model for an adapter. Deletes
  /// the state of the training in the output unless `keepsCheckpoint`.
  ///
  /// - Throws: ``TrainingError``; the output is then as it was before.
  package func write(
    _ model: TrainedModel, report: TrainingReport? = nil, adapter: LoRAAdapter? = nil,
    keepsCheckpoint: Bool = false
  ) throws(TrainingError) {
    let files = try BaseFiles(model.base, head: model.head)
    let folder = try OutputFiles.writing { () throws(FileError) in
      try StagedFolder(destination: output)
    }
    do throws(TrainingError) {
      let names = try fill(
        folder, with: model, files, report, adapter, keepsCheckpoint: keepsCheckpoint)
      let (replaces, known) = try check(folder, writing: names)
      try commit(folder, replacing: replaces, expecting: known)
    } catch {
      guard case .unwritable(let reason) = error else { throw error }
      // The user does not know the name of the temporary folder.
      throw .unwritable(reason: reason.replacing(folder.path, with: output))
    }
  }

  /// Writes all files, and returns the names of the model's own.
  private func fill(
    _ folder: StagedFolder, with model: TrainedModel, _ files: BaseFiles,
    _ report: TrainingReport?, _ adapter: LoRAAdapter?, keepsCheckpoint: Bool
  ) throws(TrainingError) -> [String] {
    var names = try files.copy(
      to: folder, configuration: model.configuration, withDense: model.denseParameters.isEmpty)
    names += try writeWeights(of: model, files, to: folder)
    names += try writeDense(of: model, files, to: folder)
    if let adapter { names += try write(adapter, to: folder) }
    if let report {
      for (name, bytes) in report.files(beside: names) {
        try OutputFiles.write(bytes, to: name, in: folder)
      }
    }
    if keepsCheckpoint {
      for name in CheckpointFolder.savedNames(in: output) {
        try OutputFiles.link(OutputFiles.path(name, in: output), to: name, in: folder)
      }
    }
    return names
  }

  private func writeWeights(
    of model: TrainedModel, _ files: BaseFiles, to folder: StagedFolder
  ) throws(TrainingError) -> [String] {
    let settings = try KeptSettings.text(
      of: OutputFiles.path("config.json", in: files.transformer),
      for: model.configuration.architecture)
    let place = try OutputFiles.writing { () throws(FileError) in
      try folder.place(of: files.place + "config.json")
    }
    let reader: CheckpointReader
    do throws(CheckpointError) {
      reader = try CheckpointReader(model: files.transformer, loading: .mapped)
    } catch {
      throw TrainingError(reading: error)
    }
    do throws(CheckpointError) {
      try settings.withUnsafeBufferPointer { (settings) throws(CheckpointError) in
        try CheckpointWriter.write(
          model.tensors + model.untrainedTensors(of: reader), configuration: model.configuration,
          keeping: settings, to: String(place.dropLast("/config.json".count)))
      }
    } catch {
      throw TrainingError(writing: error)
    }
    return ["config.json", "model.safetensors"].map { files.place + $0 }
  }

  /// Writes the weights of the dense layer into the folder of its module.
  private func writeDense(
    of model: TrainedModel, _ files: BaseFiles, to folder: StagedFolder
  ) throws(TrainingError) -> [String] {
    guard let dense = files.dense, !model.denseParameters.isEmpty else { return [] }
    let name = OutputFiles.path("model.safetensors", in: dense)
    let path = try OutputFiles.writing { () throws(FileError) in try folder.place(of: name) }
    do throws(SafetensorsError) {
      try SafetensorsWriter.write(model.denseTensors, metadata: ["format": "pt"], to: path)
    } catch {
      throw TrainingError(writing: error)
    }
    return [name]
  }

  private func write(
    _ adapter: LoRAAdapter, to folder: StagedFolder
  ) throws(TrainingError) -> [String] {
    let names = LoRAAdapter.files.map { "\(Self.adapterName)/\($0)" }
    // Creates the folder.
    _ = try OutputFiles.writing { () throws(FileError) in try folder.place(of: names[0]) }
    try adapter.write(to: OutputFiles.path(Self.adapterName, in: folder.path))
    return names
  }

  private func commit(
    _ folder: StagedFolder, replacing: Bool, expecting names: [String]
  ) throws(TrainingError) {
    try OutputFiles.writing { () throws(FileError) in
      try folder.commit(replacing: replacing, expecting: names)
    }
  }

  // MARK: Checks

  /// Throws if the output is the base's folder, is inside it, or contains it.
  private func refuseBase() throws(TrainingError) {
    guard let model = FileIdentity(of: base) else { return }
    let existing = FileIdentity(of: output)
    let problem: String
    if existing == model {
      problem = "is the base model itself"
    } else if model.contains(output) {
      problem = "is inside the folder of the base model, \(base)"
    } else if let existing, existing.contains(base) {
      problem = "holds the base model, \(base)"
    } else {
      return
    }
    throw .unwritable(reason: "\(output) \(problem); name another folder with --output")
  }

  /// Returns whether the output is replaced, and the files that are deleted by that.
  ///
  /// - Throws: ``TrainingError/unwritable(reason:)`` if the output holds anything that training has not
  ///   written, or a model that must not be replaced.
  @discardableResult
  private func check(
    _ folder: StagedFolder, writing names: [String]
  ) throws(TrainingError) -> (replaces: Bool, known: [String]) {
    let entries = OutputFiles.names(in: output) ?? []
    var known = CheckpointFolder.names(in: output)
    let replaces = !entries.isEmpty
    if replaces, entries != [CheckpointFolder.name] {
      guard let written = try Self.written(in: output) else {
        throw .unwritable(
          reason:
            "\(output) is not empty, and it was not written by training; name a new folder with "
            + "--output")
      }
      guard replacesModel else {
        throw .unwritable(
          reason:
            "\(output) holds a trained model; name another folder with --output, or replace the "
            + "model with --force")
      }
      known += written
    }
    do throws(FileError) {
      try folder.check(replacing: replaces, expecting: known + names)
    } catch {
      guard error.code == ENOTEMPTY else { throw TrainingError(writing: error) }
      throw .unwritable(
        reason:
          "\(error.path) was not written by training, so its folder is not replaced; move the "
          + "file, or name another folder with --output")
    }
    return (replaces, known)
  }

  /// The files that the report in a folder lists; nil if it is not a folder of training.
  private static func written(in folder: String) throws(TrainingError) -> [String]? {
    let report = try OutputFiles.json(OutputFiles.path(reportName, in: folder))
    guard let report, report["swiftlet_version"] != nil, let files = report["files"] else {
      return nil
    }
    return files.elements.compactMap(\.string)
  }
}
