import SwiftletCheckpoint
import SwiftletJSON
import SwiftletSafetensors
import SwiftletSystem
import SwiftletTokenizer

/// The new folder of an exported model, which appears when it is complete.
struct ExportFolder {
  private let staged: StagedFolder
  private let copy: ModelFolderCopy
  private let replacing: Bool
  private let sourceIsQuantized: Bool
  /// The files that are copied, relative to the folder.
  private let copied: [String]
  /// The name of `tokenizer.json`, which the folder gets in any case.
  private let tokenizerFile: String
  /// All files that the folder may have.
  private let expected: [String]

  /// Checks the destination and creates the staged folder.
  ///
  /// - Parameters:
  ///   - output: The destination.
  ///   - source: The model.
  ///   - graphs: The names of the ONNX files that will be written.
  ///   - copiesWeights: Whether the folder gets the weights of the encoder too.
  ///   - replacing: Whether the destination may be an exported model.
  /// - Throws: ``SwiftletError/unwritable(reason:)`` if the destination can't be written.
  init(
    _ output: String, for source: ExportSource, graphs: [String], copiesWeights: Bool,
    replacing: Bool
  ) throws(SwiftletError) {
    copy = ModelFolderCopy(
      source: source.folder, output: output, kind: "exported model",
      replacement: "choose another folder, or replace it with --force (replacing: true)")
    self.replacing = replacing
    sourceIsQuantized = source.isQuantized
    tokenizerFile =
      source.folder.tokenizer == source.folder.directory
      ? "tokenizer.json" : copy.nameInTransformer("tokenizer.json")
    copied = Self.copiedFiles(of: copy, withWeights: copiesWeights)
    expected = copied + [tokenizerFile] + graphs + graphs.map { $0 + "_data" }
    try copy.refuseSource()
    staged = try copy.writing { () throws(FileError) in try StagedFolder(destination: output) }
    try checkReplaced(graphs)
    try copy.writing { () throws(FileError) in
      // Fails before the work instead of after it.
      try staged.check(replacing: replacing, expecting: expected)
    }
  }

  /// The folder where files are written before the commit.
  var path: String { staged.path }

  /// The path at which to write a file.
  func place(of name: String) throws(SwiftletError) -> String {
    try copy.writing { () throws(FileError) in try staged.place(of: name) }
  }

  /// Copies the files of the model; `config.json` loses what only Swiftlet reads.
  func copyFiles() throws(SwiftletError) {
    for name in copied {
      let isWeights = name.hasSuffix(".safetensors")
      guard
        let file = try ModelFiles.contents(
          of: name, in: copy.source.directory,
          limit: isWeights ? .max : FileContents.maxSettingsBytes,
          loading: isWeights ? .map : .read)
      else { continue }
      try withExtendedLifetime(file) { () throws(SwiftletError) in
        let isConfiguration = name == copy.nameInTransformer("config.json")
        if isConfiguration, sourceIsQuantized {
          try write(try Self.withoutQuantization(file), to: name)
        } else {
          try copy.writing { () throws(FileError) in try staged.write(file.bytes, to: name) }
        }
      }
    }
  }

  /// Writes a `tokenizer.json` if the model has only a `vocab.txt`: other programs need it.
  func write(_ tokenizer: Tokenizer) throws(SwiftletError) {
    guard !copied.contains(tokenizerFile), let text = tokenizer.json() else { return }
    try write(text, to: tokenizerFile)
  }

  /// Renames the folder to its destination.
  func commit() throws(SwiftletError) {
    try copy.writing { () throws(FileError) in
      try staged.commit(replacing: replacing, expecting: expected)
    }
  }

  private func write(_ text: [UInt8], to name: String) throws(SwiftletError) {
    try copy.writing { () throws(FileError) in
      try text.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try staged.write(UnsafeRawBufferPointer(bytes), to: name)
      }
    }
  }

  private static func withoutQuantization(_ file: FileContents) throws(SwiftletError) -> [UInt8] {
    do throws(JSONError) {
      let members = try JSONValue.rawMembers(of: file.bytes.assumingMemoryBound(to: UInt8.self))
      return JSONValue.object(members.filter { $0.key != "quantization_config" }).document
    } catch {
      throw .invalidModel(
        reason: "\(file.path) is not a valid configuration: \(error.description)")
    }
  }

  // MARK: Files

  /// The files of the tokenizer, the configuration and sentence-transformers that exist, sorted.
  private static func copiedFiles(of copy: ModelFolderCopy, withWeights: Bool) -> [String] {
    var names = [copy.nameInTransformer("config.json")]
    if withWeights {
      let entries = ModelFiles.entries(of: copy.source.transformer)
      let weights = entries.filter { $0.hasPrefix("model") && $0.hasSuffix(".safetensors") }
      names += (weights + ["model.safetensors.index.json"]).map(copy.nameInTransformer)
    }
    let existing = names.filter {
      FileStatus.exists(ModelFiles.path($0, in: copy.source.directory))
    }
    return (copy.files(withWeights: true) + existing).sorted()
  }

  // MARK: Refusals

  /// Throws if the folder to replace has no graph: it may be a model whose files are copied.
  private func checkReplaced(_ graphs: [String]) throws(SwiftletError) {
    let isModel = FileStatus.exists(
      ModelFiles.path(copy.nameInTransformer("config.json"), in: copy.output))
    let isExport = graphs.contains { FileStatus.exists(ModelFiles.path($0, in: copy.output)) }
    guard replacing, isModel, !isExport else { return }
    throw .unwritable(
      reason:
        "\(copy.output) holds a model that was not exported to ONNX, which is not replaced; choose "
        + "another folder")
  }
}
