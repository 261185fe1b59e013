import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletRuntime
import SwiftletSystem

/// Converts models with float32, float16 or bfloat16 weights to int8.
///
///     try ModelQuantizer.quantize(directory: "path/to/model", into: "path/to/model-int8")
///     let classifier = try Classifier(directory: "path/to/model-int8")
///
/// The answers have the same bits as those of the original with ``Precision/int8``, on every CPU;
/// the converted model starts faster, because nothing is quantised at the start. With
/// ``WeightLoading/shared`` nothing is copied, and processes share the file's memory.
public enum ModelQuantizer {
  /// The sizes of the weights before and after.
  public struct Result: Sendable, Equatable {
    /// The size of the original weights in bytes.
    public let originalBytes: Int
    /// The size of the new `model.safetensors` in bytes.
    public let quantizedBytes: Int
    /// The number of bytes of int8 weights in ``quantizedBytes``: linear layers and word embeddings.
    /// The others are scales, biases, norms, the embeddings of positions and the head.
    public let int8Bytes: Int

    /// Creates a result from its parts, for tests of code that uses it.
    public init(originalBytes: Int, quantizedBytes: Int, int8Bytes: Int) {
      self.originalBytes = originalBytes
      self.quantizedBytes = quantizedBytes
      self.int8Bytes = int8Bytes
    }
  }

  /// Writes the model in `directory` to the new folder `output`.
  ///
  /// The folder gets a `model.safetensors` with the encoder's linear layers and word embeddings as
  /// int8 and the rest as it is, a `config.json`, and copies of the files of the tokenizer and of
  /// sentence-transformers. It is renamed to `output` when it is complete, and deleted on failure.
  /// An existing folder that is not empty is an error; with `replacing` it may be an int8 model
  /// without other files.
  ///
  /// - Parameters:
  ///   - directory: The folder of the float model.
  ///   - output: The folder to write, whose parent must exist.
  ///   - replacing: Whether to replace an int8 model in `output`.
  ///   - threads: The number of threads; nil for all processors that the process may use.
  /// - Returns: The sizes of the weights before and after.
  /// - Throws: ``SwiftletError/unwritable(reason:)`` if `output` can't be written,
  ///   ``SwiftletError/invalidOption(reason:)`` if the model is already int8, and the errors of
  ///   loading the model.
  @discardableResult
  public static func quantize(
    directory: String, into output: String, replacing: Bool = false, threads: Int? = nil
  ) throws(SwiftletError) -> Result {
    let (copy, folder, result) = try prepare(directory, into: output, replacing, threads)
    try copy.writing { () throws(FileError) in try folder.commit(replacing: replacing) }
    return result
  }

  /// Quantises a model unless `isUnwanted` returns true before the commit; then returns nil and
  /// writes nothing.
  package static func quantize(
    directory: String, into output: String, replacing: Bool, threads: Int?,
    unless isUnwanted: () -> Bool
  ) throws(SwiftletError) -> Result? {
    let (copy, folder, result) = try prepare(directory, into: output, replacing, threads)
    if isUnwanted() { return nil }
    try copy.writing { () throws(FileError) in try folder.commit(replacing: replacing) }
    return result
  }

  /// Writes all files to a staged folder.
  private static func prepare(
    _ directory: String, into output: String, _ replacing: Bool, _ threads: Int?
  ) throws(SwiftletError) -> (ModelFolderCopy, StagedFolder, Result) {
    let pool = WorkerPool(threadCount: try ModelLoading.threadCount(threads))
    let source = try ModelLocation(directory).folder()
    let copy = ModelFolderCopy(
      source: source, output: output, kind: "int8 model",
      replacement: "choose another folder, or replace it with --force (replacing: true)")
    try copy.refuseSource()
    let configuration = try ModelLoading.configuration(in: source.transformer, labelled: false)
    _ = try ModelLoading.tokenizer(of: source)
    let files = copy.files(withWeights: true)
    let folder = try copy.writing { () throws(FileError) in try StagedFolder(destination: output) }
    let weights = copy.nameInTransformer("model.safetensors")
    let replaced = ModelFiles.path(weights, in: output)
    if FileStatus.exists(replaced), !CheckpointQuantizer.hasWritten(replaced) {
      throw .unwritable(
        reason:
          "\(output) holds a model that is not int8, which is not replaced; choose another folder")
    }
    let target = try copy.writing { () throws(FileError) in
      // Fails before the work instead of after it.
      try folder.check(
        replacing: replacing,
        expecting: files + [weights, copy.nameInTransformer("config.json")])
      return try folder.place(of: weights)
    }
    let checkpoint = try ModelLoading.checkpoint(in: source, ModelOptions())
    let int8Bytes: Int
    do throws(CheckpointError) {
      int8Bytes = try CheckpointQuantizer.quantize(
        checkpoint, configuration: configuration, to: target, pool: pool)
    } catch {
      throw SwiftletError(error)
    }
    try copy.copy(files, to: folder)
    try writeConfiguration(copy, to: folder)
    let result = Result(
      originalBytes: checkpoint.checkpoint.paths.reduce(0) { $0 + ModelFiles.size(of: $1) },
      quantizedBytes: ModelFiles.size(of: target), int8Bytes: int8Bytes)
    return (copy, folder, result)
  }

  /// Writes `config.json` with the format of the weights.
  private static func writeConfiguration(
    _ copy: ModelFolderCopy, to folder: StagedFolder
  ) throws(SwiftletError) {
    let name = copy.nameInTransformer("config.json")
    guard let file = try ModelFiles.contents(of: name, in: copy.source.directory) else { return }
    let text = try withExtendedLifetime(file) { () throws(SwiftletError) in
      try QuantizedConfiguration.text(
        from: file.bytes.assumingMemoryBound(to: UInt8.self), path: file.path)
    }
    try copy.writing { () throws(FileError) in
      try text.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try folder.write(UnsafeRawBufferPointer(bytes), to: name)
      }
    }
  }
}
