import SwiftletCheckpoint
import SwiftletSafetensors
import SwiftletSystem

/// Writes models as `save_pretrained` writes them, with `model.safetensors`, from any format that Swiftlet
/// reads.
///
///     try ModelConverter.convert(directory: "path/to/model", into: "path/to/converted")
///
/// The numbers keep their bits unless another type is asked for.
public enum ModelConverter {
  /// A type of numbers in the converted weights.
  public enum FloatType: String, Sendable, CaseIterable {
    case float32, float16, bfloat16

    var dataType: DataType {
      switch self {
      case .float32: .f32
      case .float16: .f16
      case .bfloat16: .bf16
      }
    }
  }

  /// The files before and after.
  public struct Result: Sendable, Equatable {
    /// The paths of the original weights.
    public let originalFiles: [String]
    /// The size of the original weights in bytes.
    public let originalBytes: Int
    /// The size of the new weights in bytes, without those of other modules.
    public let convertedBytes: Int

    /// Creates a result from its parts, for tests of code that uses it.
    public init(originalFiles: [String], originalBytes: Int, convertedBytes: Int) {
      self.originalFiles = originalFiles
      self.originalBytes = originalBytes
      self.convertedBytes = convertedBytes
    }
  }

  /// Writes the model in `directory` to the new folder `output`.
  ///
  /// The folder gets `model.safetensors` with today's names of the tensors, `config.json`, and copies of the
  /// files of the tokenizer and of sentence-transformers, whose own weights become safetensors too. Copies
  /// of tied weights and `position_ids` are left out. The folder is renamed to `output` when it is complete,
  /// and deleted on failure.
  ///
  /// - Parameters:
  ///   - directory: The folder of the model, with float weights.
  ///   - output: The folder to write, which is missing or empty. Its parent must exist.
  ///   - floats: The type of the numbers; nil for those of the model. Numbers are rounded to the nearest.
  /// - Returns: The files and sizes before and after.
  /// - Throws: ``SwiftletError/unwritable(reason:)`` if `output` can't be written or is not empty,
  ///   ``SwiftletError/invalidOption(reason:)`` for an int8 model, and the errors of loading the model.
  @discardableResult
  public static func convert(
    directory: String, into output: String, floats: FloatType? = nil
  ) throws(SwiftletError) -> Result {
    let (copy, folder, result) = try prepare(directory, into: output, floats)
    try copy.writing { () throws(FileError) in try folder.commit(replacing: false) }
    return result
  }

  /// Converts a model unless `isUnwanted` returns true before the commit; then returns nil and writes
  /// nothing.
  package static func convert(
    directory: String, into output: String, floats: FloatType?, unless isUnwanted: () -> Bool
  ) throws(SwiftletError) -> Result? {
    let (copy, folder, result) = try prepare(directory, into: output, floats)
    if isUnwanted() { return nil }
    try copy.writing { () throws(FileError) in try folder.commit(replacing: false) }
    return result
  }

  /// Writes all files to a staged folder.
  private static func prepare(
    _ directory: String, into output: String, _ floats: FloatType?
  ) throws(SwiftletError) -> (ModelFolderCopy, StagedFolder, Result) {
    let source = try ModelLocation(directory).folder()
    let copy = ModelFolderCopy(
      source: source, output: output, kind: "converted model",
      replacement: "choose a new folder or an empty one")
    try copy.refuseSource()
    let configuration = try ModelLoading.configuration(in: source.transformer)
    _ = try ModelLoading.tokenizer(of: source)
    let checkpoint = try ModelLoading.checkpoint(in: source, ModelOptions())
    let folder = try copy.writing { () throws(FileError) in
      let folder = try StagedFolder(destination: output)
      // Fails before the work instead of after it.
      try folder.check(replacing: false)
      return folder
    }
    do throws(SwiftletError) {
      try writeWeights(checkpoint, configuration, floats, copy, to: folder)
      try copy.copy(copy.files(withWeights: false), to: folder)
    } catch {
      guard case .unwritable(let reason) = error else { throw error }
      // The user does not know the name of the temporary folder.
      throw .unwritable(reason: reason.replacing(folder.path, with: output))
    }
    let paths = checkpoint.checkpoint.paths
    let written = ModelFiles.path(source.modules.first?.name ?? "", in: folder.path)
    return (
      copy, folder,
      Result(
        originalFiles: paths, originalBytes: paths.reduce(0) { $0 + ModelFiles.size(of: $1) },
        convertedBytes: ModelFiles.weightBytes(in: written))
    )
  }

  /// Writes `config.json` and the weights of the transformer, and those of other modules.
  private static func writeWeights(
    _ checkpoint: CheckpointReader, _ configuration: ModelConfiguration, _ floats: FloatType?,
    _ copy: ModelFolderCopy, to folder: StagedFolder
  ) throws(SwiftletError) {
    do throws(CheckpointError) {
      guard !checkpoint.isQuantized else {
        throw CheckpointError.alreadyQuantized(path: checkpoint.directory)
      }
      try checkpoint.check(configuration.parameters())
    } catch {
      throw SwiftletError(error)
    }
    let settings = try copy.writing { () throws(FileError) in
      try folder.place(of: copy.nameInTransformer("config.json"))
    }
    do throws(CheckpointError) {
      try CheckpointWriter.rewrite(
        checkpoint, configuration: configuration,
        to: String(settings.dropLast("/config.json".count)),
        floats: floats?.dataType)
      for module in copy.source.modules.dropFirst() where !module.weightFiles.isEmpty {
        try writeModule(module, floats, to: folder)
      }
    } catch {
      throw SwiftletError(error)
    }
  }

  /// Writes the weights of a module of sentence-transformers after the transformer.
  private static func writeModule(
    _ module: ModelFolder.Module, _ floats: FloatType?, to folder: StagedFolder
  ) throws(CheckpointError) {
    let source = try CheckpointFiles.open(module.path, loading: .mapped)
    let tensors = source.tensors.compactMap { source.stored($0.name) }.map { tensor in
      if let floats, tensor.isFloatingPoint { return tensor.converted(to: floats.dataType) }
      return tensor.asStored()
    }
    let path: String
    do throws(FileError) {
      path = try folder.place(of: ModelFiles.path("model.safetensors", in: module.name))
    } catch {
      throw .unwritable(reason: error.description)
    }
    do throws(SafetensorsError) {
      try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: path)
    } catch {
      throw .unwritable(reason: error.description)
    }
  }
}
