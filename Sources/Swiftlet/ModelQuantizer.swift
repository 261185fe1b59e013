import Glibc
import SwiftletEncoder
import SwiftletKernels
import SwiftletMemory
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
  }

  /// Writes the model in `directory` to the new folder `output`: `model.safetensors` with the linear
  /// layers of the encoder as int8 and the rest as float32, `config.json`, and the tokenizer's files.
  ///
  /// The folder appears when it is complete; on failure nothing stays behind. A folder that is
  /// there already, and not empty, is an error unless `replacing`; and even then it may hold nothing
  /// but files that a model of this kind has too.
  ///
  /// - Parameters:
  ///   - directory: The model's folder, with weights of floats.
  ///   - output: The folder to write, whose parent is there.
  ///   - replacing: Whether an older model in `output` may go.
  ///   - threads: Threads to compute with; nil for all the processors that the process may use.
  /// - Returns: The sizes of the weights before and after.
  /// - Throws: ``SwiftletError``: ``SwiftletError/unwritable(reason:)`` for what is wrong with
  ///   `output`, ``SwiftletError/invalidOption(reason:)`` if the model is of int8 already, else what
  ///   loading the model throws.
  @discardableResult
  public static func quantize(
    directory: String, into output: String, replacing: Bool = false, threads: Int? = nil
  ) throws(SwiftletError) -> Result {
    let pool = WorkerPool(threadCount: try ModelLoading.threadCount(threads))
    let configuration = try ModelLoading.configuration(in: directory)
    do throws(TokenizerError) {
      _ = try Tokenizer(directory: directory)
    } catch {
      throw SwiftletError(error)
    }
    try check(output, directory, replacing: replacing)
    let folder = try writing { () throws(FileError) in try StagedFolder(destination: output) }
    do throws(EncoderError) {
      try CheckpointQuantizer.quantize(
        directory: directory, configuration: configuration,
        to: folder.path + "/model.safetensors", pool: pool)
    } catch {
      throw SwiftletError(error)
    }
    try copyFiles(from: directory, to: folder)
    let result = Result(
      originalBytes: ModelFiles.weightBytes(in: directory),
      quantizedBytes: ModelFiles.size(of: folder.path + "/model.safetensors"))
    try writing { () throws(FileError) in try folder.commit(replacing: replacing) }
    return result
  }

  /// Refuses early what ``StagedFolder`` would refuse in the end.
  private static func check(
    _ output: String, _ directory: String, replacing: Bool
  ) throws(SwiftletError) {
    guard let existing = ModelFiles.identity(of: output) else { return }
    guard existing != ModelFiles.identity(of: directory) else {
      throw .unwritable(
        reason: "\(output) is the model itself; write the int8 model to another folder")
    }
    guard replacing || isEmptyFolder(output) else {
      throw .unwritable(
        reason: "\(output) is there already; name another folder, or have this one replaced")
    }
  }

  private static func isEmptyFolder(_ path: String) -> Bool {
    guard let folder = opendir(path) else { return false }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return count <= 2
  }

  private static func copyFiles(
    from directory: String, to folder: StagedFolder
  ) throws(SwiftletError) {
    for name in ModelFiles.tokenizer {
      guard let file = try ModelFiles.contents(of: name, in: directory) else { continue }
      try writing { () throws(FileError) in
        try withExtendedLifetime(file) { () throws(FileError) in
          try folder.write(file.bytes, to: name)
        }
      }
    }
    guard let file = try ModelFiles.contents(of: "config.json", in: directory) else { return }
    let text = try withExtendedLifetime(file) { () throws(SwiftletError) in
      try QuantizedConfiguration.text(
        from: file.bytes.assumingMemoryBound(to: UInt8.self), path: file.path)
    }
    try writing { () throws(FileError) in
      try text.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try folder.write(UnsafeRawBufferPointer(bytes), to: "config.json")
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
      if error.code == ENOTEMPTY || error.code == EEXIST {
        throw .unwritable(
          reason: "\(error.path) holds files that are no part of an int8 model; "
            + "name another folder, or empty this one")
      }
      throw .unwritable(reason: error.description)
    }
  }
}
