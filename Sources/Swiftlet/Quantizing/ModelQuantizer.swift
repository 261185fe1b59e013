import Glibc
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletRuntime
import SwiftletSystem
import SwiftletTokenizer

/// Makes models of int8 weights out of models of float32, float16 or bfloat16 weights.
///
///     try ModelQuantizer.quantize(directory: "path/to/model", into: "path/to/model-int8")
///     let classifier = try Classifier(directory: "path/to/model-int8")
///
/// The answers are the bits that ``Precision/int8`` gives with the original, on every CPU; what is
/// gained is the start, for which nothing is left to compute. With ``WeightLoading/shared`` nothing is
/// copied either, and processes share the file's memory.
public enum ModelQuantizer {
  /// The sizes of the weights before and after.
  public struct Result: Sendable, Equatable {
    /// Bytes of the original's files of weights.
    public let originalBytes: Int
    /// Bytes of the `model.safetensors` that was written.
    public let quantizedBytes: Int
    /// How many of ``quantizedBytes`` are int8 weights; nearly all others are float32, in which
    /// embeddings, norms, biases and the head are kept. A model of 16-bit floats whose embeddings are
    /// the larger part grows.
    public let int8Bytes: Int
  }

  /// Writes the model in `directory` to the new folder `output`: `model.safetensors` with the linear
  /// layers of the encoder as int8 and the rest as float32, `config.json`, the tokenizer's files, and
  /// what sentence-transformers has beside them, `modules.json` and its modules, as they are.
  ///
  /// The folder appears when it is complete; on failure nothing stays behind. A folder that is
  /// there already, and not empty, is an error unless `replacing`; and even then it must be an int8
  /// model, with nothing but files that a model of this kind has too.
  ///
  /// - Parameters:
  ///   - directory: The model's folder, with weights of floats.
  ///   - output: The folder to write, whose parent is there.
  ///   - replacing: Whether an older int8 model in `output` may go.
  ///   - threads: Threads to compute with; nil for all the processors that the process may use.
  /// - Returns: The sizes of the weights before and after.
  /// - Throws: ``SwiftletError``: ``SwiftletError/unwritable(reason:)`` for what is wrong with
  ///   `output`, ``SwiftletError/invalidOption(reason:)`` if the model is of int8 already, else what
  ///   loading the model throws.
  @discardableResult
  public static func quantize(
    directory: String, into output: String, replacing: Bool = false, threads: Int? = nil
  ) throws(SwiftletError) -> Result {
    let (folder, result) = try prepare(directory, into: output, replacing, threads)
    try writing { () throws(FileError) in try folder.commit(replacing: replacing) }
    return result
  }

  /// As the public one; nil, and nothing is written, if `isUnwanted` says so before the folder appears.
  package static func quantize(
    directory: String, into output: String, replacing: Bool, threads: Int?,
    unless isUnwanted: () -> Bool
  ) throws(SwiftletError) -> Result? {
    let (folder, result) = try prepare(directory, into: output, replacing, threads)
    if isUnwanted() { return nil }
    try writing { () throws(FileError) in try folder.commit(replacing: replacing) }
    return result
  }

  /// The folder with all its files, without its name.
  private static func prepare(
    _ directory: String, into output: String, _ replacing: Bool, _ threads: Int?
  ) throws(SwiftletError) -> (folder: StagedFolder, result: Result) {
    let pool = WorkerPool(threadCount: try ModelLoading.threadCount(threads))
    let source = try ModelLocation(directory).folder()
    try refuse(output, besides: source.directory)
    let configuration = try ModelLoading.configuration(in: source.transformer, labelled: false)
    _ = try ModelLoading.tokenizer(of: source)
    let files = copiedFiles(of: source)
    let folder = try writing { () throws(FileError) in try StagedFolder(destination: output) }
    let weights = path("model.safetensors", in: source.modules.first)
    let replaced = ModelFiles.path(weights, in: output)
    if FileStatus.exists(replaced), !CheckpointQuantizer.hasWritten(replaced) {
      throw .unwritable(
        reason:
          "\(output) holds a model that is not int8, which is not replaced; name another folder")
    }
    let target = try writing { () throws(FileError) in
      // Refused now rather than after all the work.
      try folder.check(
        replacing: replacing,
        expecting: files + [weights, path("config.json", in: source.modules.first)])
      return try folder.place(of: weights)
    }
    let int8Bytes: Int
    do throws(CheckpointError) {
      int8Bytes = try CheckpointQuantizer.quantize(
        directory: source.transformer, configuration: configuration, to: target, pool: pool)
    } catch {
      throw SwiftletError(error)
    }
    try copy(files, of: source, to: folder)
    let result = Result(
      originalBytes: ModelFiles.weightBytes(in: source.transformer),
      quantizedBytes: ModelFiles.size(of: target), int8Bytes: int8Bytes)
    return (folder, result)
  }

  /// Refuses an output that is the model's folder, lies within it, or holds it.
  private static func refuse(_ output: String, besides directory: String) throws(SwiftletError) {
    guard let model = FileIdentity(of: directory) else { return }
    let existing = FileIdentity(of: output)
    let problem: String
    if existing == model {
      problem = "is the model itself"
    } else if model.contains(output) {
      problem = "lies in the folder of the model itself, \(directory)"
    } else if let existing, existing.contains(directory) {
      problem = "holds the model itself, \(directory)"
    } else {
      return
    }
    throw .unwritable(reason: "\(output) \(problem); write the int8 model to another folder")
  }

  /// The files that are copied as they are, from the model's folder.
  private static func copiedFiles(of source: ModelFolder) -> [String] {
    let transformer = source.modules.first
    var names = ["modules.json", SentenceConfiguration.file]
    names += Tokenizer.files
    names += (Tokenizer.files + SentenceSettings.files).map {
      path($0, in: transformer)
    }
    for module in source.modules.dropFirst() {
      names += ["config.json", "model.safetensors"].map { path($0, in: module) }
    }
    return Set(names).sorted().filter {
      ModelFiles.identity(of: ModelFiles.path($0, in: source.directory)) != nil
    }
  }

  /// Where a module's file lies, from the model's folder.
  private static func path(_ name: String, in module: ModelFolder.Module?) -> String {
    guard let module, !module.name.isEmpty else { return name }
    return ModelFiles.path(name, in: module.name)
  }

  private static func copy(
    _ files: [String], of source: ModelFolder, to folder: StagedFolder
  ) throws(SwiftletError) {
    for name in files {
      guard let file = try ModelFiles.contents(of: name, in: source.directory, limit: .max)
      else { continue }
      try writing { () throws(FileError) in
        try withExtendedLifetime(file) { () throws(FileError) in
          try folder.write(file.bytes, to: name)
        }
      }
    }
    let name = path("config.json", in: source.modules.first)
    guard let file = try ModelFiles.contents(of: name, in: source.directory) else { return }
    let text = try withExtendedLifetime(file) { () throws(SwiftletError) in
      try QuantizedConfiguration.text(
        from: file.bytes.assumingMemoryBound(to: UInt8.self), path: file.path)
    }
    try writing { () throws(FileError) in
      try text.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try folder.write(UnsafeRawBufferPointer(bytes), to: name)
      }
    }
  }

  /// Puts the system's refusals into words.
  private static func writing<Value>(
    _ operation: () throws(FileError) -> Value
  ) throws(SwiftletError) -> Value {
    do throws(FileError) {
      return try operation()
    } catch {
      let reason =
        switch error.code {
        case EEXIST:
          "\(error.path) is there already; name another folder, or replace it: --force, in Swift "
            + "replacing: true"
        case ENOTEMPTY:
          "\(error.path) does not belong to an int8 model, so its folder is not replaced; name a new "
            + "folder, or an empty one"
        default: error.description
        }
      throw .unwritable(reason: reason)
    }
  }
}
