import Glibc
import SwiftletCheckpoint
import SwiftletJSON
import SwiftletSafetensors
import SwiftletSystem
import SwiftletTokenizer

/// The new folder of an exported model, which appears when it is complete.
struct ExportFolder {
  private let staged: StagedFolder
  private let output: String
  private let replacing: Bool
  private let source: ModelFolder
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
    self.output = output
    self.replacing = replacing
    self.source = source.folder
    sourceIsQuantized = source.isQuantized
    tokenizerFile =
      source.folder.tokenizer == source.folder.directory
      ? "tokenizer.json" : Self.path("tokenizer.json", in: source.folder)
    copied = try Self.copiedFiles(of: source.folder, withWeights: copiesWeights)
    expected = copied + [tokenizerFile] + graphs + graphs.map { $0 + "_data" }
    try Self.refuse(output, besides: source.folder.directory)
    staged = try Self.writing { () throws(FileError) in try StagedFolder(destination: output) }
    try checkReplaced(graphs)
    try Self.writing { () throws(FileError) in
      // Fails before the work instead of after it.
      try staged.check(replacing: replacing, expecting: expected)
    }
  }

  /// The folder where files are written before the commit.
  var path: String { staged.path }

  /// The path at which to write a file.
  func place(of name: String) throws(SwiftletError) -> String {
    try Self.writing { () throws(FileError) in try staged.place(of: name) }
  }

  /// Copies the files of the model; `config.json` loses what only Swiftlet reads.
  func copyFiles() throws(SwiftletError) {
    for name in copied {
      let isWeights = name.hasSuffix(".safetensors")
      guard
        let file = try ModelFiles.contents(
          of: name, in: source.directory, limit: isWeights ? .max : FileContents.maxSettingsBytes,
          loading: isWeights ? .map : .read)
      else { continue }
      try withExtendedLifetime(file) { () throws(SwiftletError) in
        let isConfiguration = name == ExportFolder.path("config.json", in: source)
        if isConfiguration, sourceIsQuantized {
          try write(try Self.withoutQuantization(file), to: name)
        } else {
          try Self.writing { () throws(FileError) in try staged.write(file.bytes, to: name) }
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
    try Self.writing { () throws(FileError) in
      try staged.commit(replacing: replacing, expecting: expected)
    }
  }

  private func write(_ text: [UInt8], to name: String) throws(SwiftletError) {
    try Self.writing { () throws(FileError) in
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

  /// The path of a file beside the transformer's, relative to the model's folder.
  static func path(_ name: String, in folder: ModelFolder) -> String {
    path(name, in: folder.modules.first)
  }

  private static func path(_ name: String, in module: ModelFolder.Module?) -> String {
    guard let module, !module.name.isEmpty else { return name }
    return ModelFiles.path(name, in: module.name)
  }

  /// The files of the tokenizer, the configuration and sentence-transformers that exist, sorted.
  private static func copiedFiles(
    of folder: ModelFolder, withWeights: Bool
  ) throws(SwiftletError) -> [String] {
    var names = ["modules.json", SentenceConfiguration.file] + Tokenizer.files
    names += (Tokenizer.files + SentenceSettings.files + ["config.json"]).map {
      path($0, in: folder)
    }
    for module in folder.modules.dropFirst() {
      names += ["config.json", "model.safetensors"].map { path($0, in: module) }
    }
    if withWeights {
      let entries = ModelFiles.entries(of: folder.transformer)
      names += entries.filter { $0.hasPrefix("model") && $0.hasSuffix(".safetensors") }
        .map { path($0, in: folder) }
      names.append(path("model.safetensors.index.json", in: folder))
    }
    return Set(names).sorted().filter {
      FileIdentity(of: ModelFiles.path($0, in: folder.directory)) != nil
    }
  }

  // MARK: Refusals

  /// Throws if the output is the model's folder, is inside it, or contains it.
  private static func refuse(_ output: String, besides directory: String) throws(SwiftletError) {
    guard let model = FileIdentity(of: directory) else { return }
    let existing = FileIdentity(of: output)
    let problem: String
    if existing == model {
      problem = "is the model itself"
    } else if model.contains(output) {
      problem = "is inside the folder of the model itself, \(directory)"
    } else if let existing, existing.contains(directory) {
      problem = "holds the model itself, \(directory)"
    } else {
      return
    }
    throw .unwritable(reason: "\(output) \(problem); export to another folder")
  }

  /// Throws if the folder to replace has no graph: it may be a model whose files are copied.
  private func checkReplaced(_ graphs: [String]) throws(SwiftletError) {
    let isModel = FileStatus.exists(
      ModelFiles.path(Self.path("config.json", in: source), in: output))
    let isExport = graphs.contains { FileStatus.exists(ModelFiles.path($0, in: output)) }
    guard replacing, isModel, !isExport else { return }
    throw .unwritable(
      reason:
        "\(output) holds a model that was not exported to ONNX, which is not replaced; choose "
        + "another folder")
  }

  /// Converts errors of the file system.
  static func writing<Value>(
    _ operation: () throws(FileError) -> Value
  ) throws(SwiftletError) -> Value {
    do throws(FileError) {
      return try operation()
    } catch {
      let reason =
        switch error.code {
        case EEXIST:
          "\(error.path) already exists; choose another folder, or replace it with --force "
            + "(replacing: true)"
        case ENOTEMPTY:
          "\(error.path) does not belong to an exported model, so its folder is not replaced; "
            + "choose a new folder or an empty one"
        default: error.description
        }
      throw .unwritable(reason: reason)
    }
  }
}
