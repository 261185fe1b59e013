import SwiftletJSON
import SwiftletSystem

/// Where the parts of a model lie: all in one folder, as transformers saves them, or in the layout of
/// sentence-transformers, whose `modules.json` says in which folder each step has its files.
package struct ModelFolder: Sendable, Equatable {
  /// A step of a sentence-transformers model.
  package struct Module: Sendable, Equatable {
    /// The class without its package: `Transformer`, `Pooling`, `Normalize`, `Dense` …
    package let type: String
    /// Where the step's folder lies in the model's; empty if it is that one.
    package let name: String
    /// The step's own folder.
    package let path: String
  }

  /// As it was given; prompts and other settings of sentence-transformers lie here.
  package let directory: String
  /// The folder of `config.json` and the weights.
  package let transformer: String
  /// The folder of `tokenizer.json` or `vocab.txt`: the transformer's, unless only the model's own has
  /// any.
  package let tokenizer: String
  /// The steps in their order, the transformer among them; none without a `modules.json`.
  package let modules: [Module]

  /// Finds the parts without looking at them; a folder without a model is its own transformer,
  /// and loading it throws what is missing.
  ///
  /// - Throws: ``SwiftletError/invalidModel(reason:)`` for a `modules.json` that is malformed or names
  ///   a folder outside of its own; ``SwiftletError/unsupportedModel(reason:)`` if the first step is
  ///   no transformer; ``SwiftletError/missingFile(reason:)`` if it can't be read.
  package init(_ directory: String) throws(SwiftletError) {
    try ModelFiles.check(directory)
    self.directory = directory
    modules = try Self.modules(in: directory)
    if let first = modules.first {
      guard Self.transformers.contains(first.type) else {
        throw .unsupportedModel(
          reason:
            "\(ModelFiles.path("modules.json", in: directory)) begins with a step of the type "
            + "\"\(first.type)\"; Swiftlet runs models that begin with a \"Transformer\"")
      }
      transformer = first.path
    } else {
      transformer = directory
    }
    tokenizer = ModelFiles.hasTokenizer(transformer) ? transformer : directory
  }

  /// What sentence-transformers has called them; the class of the first releases depended on the model.
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
            "\(file.path) has a module of the model's own code, \"\(type)\"; Swiftlet runs modules "
            + "of sentence-transformers")
      }
      guard isPlain(path) else {
        throw .invalidModel(
          reason:
            "\(file.path) has a module with the path \"\(path)\"; expected a folder inside of "
            + "the model's own")
      }
      modules.append(
        Module(
          type: String(type.split(separator: ".").last ?? ""), name: path,
          path: path.isEmpty ? directory : ModelFiles.path(path, in: directory)))
    }
    return modules
  }

  /// Whether a path stays in the folder that it is relative to.
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
