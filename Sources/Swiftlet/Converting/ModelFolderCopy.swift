import Glibc
import SwiftletCheckpoint
import SwiftletSystem
import SwiftletTokenizer

/// A copy of a model's folder with other weights: what quantising, converting and exporting share.
struct ModelFolderCopy {
  let source: ModelFolder
  /// The folder to write.
  let output: String
  /// What is written, such as `int8 model`.
  let kind: String
  /// What to do about a folder that exists.
  let replacement: String

  /// Throws if the output is the model's folder, is inside it, or contains it.
  func refuseSource() throws(SwiftletError) {
    guard let model = FileIdentity(of: source.directory) else { return }
    let existing = FileIdentity(of: output)
    let problem: String
    if existing == model {
      problem = "is the model itself"
    } else if model.contains(output) {
      problem = "is inside the folder of the model itself, \(source.directory)"
    } else if let existing, existing.contains(source.directory) {
      problem = "holds the model itself, \(source.directory)"
    } else {
      return
    }
    throw .unwritable(reason: "\(output) \(problem); write the \(kind) to another folder")
  }

  /// The name of a file of the transformer, relative to the model's folder.
  func nameInTransformer(_ name: String) -> String { source.nameInTransformer(name) }

  /// The names of the files that are copied unchanged: those of the tokenizer and of
  /// sentence-transformers, and the weights of modules after the transformer if `withWeights` is true.
  func files(withWeights: Bool) -> [String] {
    var names = ["modules.json", SentenceConfiguration.file]
    names += Tokenizer.files
    names += (Tokenizer.files + SentenceSettings.files).map(nameInTransformer)
    for module in source.modules.dropFirst() {
      let weights = withWeights ? module.weightFiles : []
      names += (["config.json"] + weights).map { module.name(of: $0) }
    }
    return Set(names).sorted().filter {
      FileIdentity(of: ModelFiles.path($0, in: source.directory)) != nil
    }
  }

  func copy(_ files: [String], to folder: StagedFolder) throws(SwiftletError) {
    for name in files {
      guard let file = try ModelFiles.contents(of: name, in: source.directory, limit: .max)
      else { continue }
      try writing { () throws(FileError) in
        try withExtendedLifetime(file) { () throws(FileError) in
          try folder.write(file.bytes, to: name)
        }
      }
    }
  }

  /// Converts errors of the file system.
  func writing<Value>(
    _ operation: () throws(FileError) -> Value
  ) throws(SwiftletError) -> Value {
    do throws(FileError) {
      return try operation()
    } catch {
      let reason =
        switch error.code {
        case EEXIST: "\(error.path) already exists; \(replacement)"
        case ENOTEMPTY:
          "\(error.path) does not belong to \(kind.withArticle), so its folder is not replaced; "
            + "choose a new folder or an empty one"
        default: error.description
        }
      throw .unwritable(reason: reason)
    }
  }
}

extension String {
  fileprivate var withArticle: String {
    (first.map { "aeiou".contains($0) } ?? false ? "an " : "a ") + self
  }
}

extension ModelFolder {
  /// The name of a file of the transformer, relative to the folder.
  func nameInTransformer(_ name: String) -> String { modules.first?.name(of: name) ?? name }
}

extension ModelFolder.Module {
  /// The name of a file of the module, relative to the model's folder.
  fileprivate func name(of file: String) -> String {
    name.isEmpty ? file : ModelFiles.path(file, in: name)
  }

  /// The names of the files with the weights of a module after the transformer, as sentence-transformers
  /// finds them.
  package var weightFiles: [String] {
    let names = ["model.safetensors", PyTorchCheckpoint.singleName]
    return names.first { FileStatus.exists(ModelFiles.path($0, in: path)) }.map { [$0] } ?? []
  }
}
