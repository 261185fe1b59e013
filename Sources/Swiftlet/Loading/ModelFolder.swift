import SwiftletJSON
import SwiftletSystem

/// The locations of a model's parts: one folder, as transformers saves them, or the folders of the
/// modules in sentence-transformers' `modules.json`.
package struct ModelFolder: Sendable, Equatable {
  /// A module of a sentence-transformers model.
  package struct Module: Sendable, Equatable {
    /// The class without its package, such as `Transformer`, `Pooling`, `Normalize` or `Dense`.
    package let type: String
    /// The module's folder relative to the model's; empty if it is the same.
    package let name: String
    /// The module's folder.
    package let path: String
  }

  /// The folder as given, with the prompts and other settings of sentence-transformers.
  package let directory: String
  /// The folder of `config.json` and the weights.
  package let transformer: String
  /// The folder of `tokenizer.json` or `vocab.txt`: the transformer's, or else the model's.
  package let tokenizer: String
  /// The modules in order, including the transformer; empty without a `modules.json`.
  package let modules: [Module]

  /// Finds the parts without reading them; missing files are errors only when they are loaded.
  ///
  /// - Throws: ``SwiftletError/invalidModel(reason:)`` for a `modules.json` that is malformed or
  ///   names a folder outside of the model's; ``SwiftletError/unsupportedModel(reason:)`` if the
  ///   first module is not a transformer; ``SwiftletError/missingFile(reason:)`` if it can't be
  ///   read.
  package init(_ directory: String) throws(SwiftletError) {
    try ModelFiles.check(directory)
    self.directory = directory
    modules = try Self.modules(in: directory)
    if let first = modules.first {
      guard Self.transformers.contains(first.type) else {
        throw .unsupportedModel(
          reason:
            "\(ModelFiles.path("modules.json", in: directory)) begins with a module of the type "
            + "\"\(first.type)\"; expected \"Transformer\"")
      }
      transformer = first.path
    } else {
      transformer = directory
    }
    tokenizer = ModelFiles.hasTokenizer(transformer) ? transformer : directory
  }

  /// The class names in sentence-transformers; in old releases they depended on the model.
  private static let transformers = ["Transformer", "BERT", "DistilBERT"]

  private static func modules(in directory: String) throws(SwiftletError) -> [Module] {
    guard let file = try ModelFiles.contents(of: "modules.json", in: directory) else { return [] }
    let steps: [ModuleKeys]
    do throws(JSONError) {
      steps = try withExtendedLifetime(file) { () throws(JSONError) in
        try ModuleKeys.list(file.bytes.assumingMemoryBound(to: UInt8.self))
      }
    } catch {
      throw .invalidModel(reason: "\(file.path) is not a list of modules: \(error.description)")
    }
    guard !steps.isEmpty else {
      throw .invalidModel(reason: "\(file.path) names no modules; expected a \"Transformer\" first")
    }
    var modules: [Module] = []
    for step in steps {
      guard let type = step.type, let path = step.path else {
        throw .invalidModel(
          reason: "\(file.path) has a module without \"\(step.type == nil ? "type" : "path")\"")
      }
      guard type.hasPrefix("sentence_transformers.") else {
        throw .unsupportedModel(
          reason:
            "\(file.path) has a module of the model's own code, \"\(type)\"; Swiftlet supports only "
            + "modules of sentence-transformers")
      }
      guard isPlain(path) else {
        throw .invalidModel(
          reason:
            "\(file.path) has a module with the path \"\(path)\"; expected a folder within the "
            + "model's folder")
      }
      modules.append(
        Module(
          type: String(type.split(separator: ".").last ?? ""), name: path,
          path: path.isEmpty ? directory : ModelFiles.path(path, in: directory)))
    }
    return modules
  }

  /// Returns whether a relative path stays within its base folder.
  private static func isPlain(_ path: String) -> Bool {
    if path.isEmpty { return true }
    guard !path.utf8.contains(0) else { return false }
    return path.split(separator: "/", omittingEmptySubsequences: false)
      .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }
}

/// An entry of `modules.json`.
private struct ModuleKeys {
  var type: String?
  var path: String?

  static func list(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> [ModuleKeys] {
    var reader = try JSONReader(bytes, rules: .python)
    var array = try reader.beginArray()
    var modules: [ModuleKeys] = []
    while try reader.nextElement(in: &array) {
      var module = ModuleKeys()
      var object = try reader.beginObject()
      while let key = try reader.nextKey(in: &object) {
        switch key.string {
        case "type": module.type = try reader.readString()
        case "path": module.path = try reader.readString()
        default: try reader.skipValue()
        }
      }
      modules.append(module)
    }
    try reader.finish()
    return modules
  }
}
