import SwiftletJSON
import SwiftletSafetensors
import SwiftletSystem

/// A ``ModelConfiguration`` as the `config.json` of transformers: sorted keys, two spaces deep.
enum ConfigurationText {
  /// Keeps the keys of `original`, a `config.json`, that a configuration does not hold. `dtype` becomes
  /// the float type of the tensors if `dataTypes` has only one.
  static func text(
    of configuration: ModelConfiguration, dataTypes: Set<DataType>,
    keeping original: UnsafeBufferPointer<UInt8>?
  ) throws(CheckpointError) -> [UInt8] {
    var members = values(of: configuration)
    if let name = name(of: dataTypes) { members.append(("dtype", string(name))) }
    let replaced = Set(members.map(\.key) + superseded(configuration.architecture))
    if let original {
      do throws(JSONError) {
        members += try self.members(of: original).filter { !replaced.contains($0.key) }
      } catch {
        throw .invalidConfiguration(path: "config.json", reason: error.description)
      }
    }
    members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    var text = Array("{\n".utf8)
    for (index, member) in members.enumerated() {
      text += "  ".utf8
      JSONWriter.append(string: member.key, to: &text)
      text += ": ".utf8
      text += member.value
      text += (index + 1 < members.count ? ",\n" : "\n").utf8
    }
    return text + Array("}\n".utf8)
  }

  /// The `config.json` of a directory.
  static func original(in directory: String) throws(CheckpointError) -> FileContents {
    let path = directory.hasSuffix("/") ? directory + "config.json" : directory + "/config.json"
    do throws(FileError) {
      return try FileContents(path: path, loading: .read, limit: FileContents.maxSettingsBytes)
    } catch {
      throw .unreadableConfiguration(path: path, reason: error.reason)
    }
  }

  private typealias Member = (key: String, value: [UInt8])

  /// PyTorch's name for the float type of the tensors, if there is exactly one.
  private static func name(of dataTypes: Set<DataType>) -> String? {
    let names = [
      DataType.f16: "float16", .bf16: "bfloat16", .f32: "float32", .f64: "float64",
    ].filter { dataTypes.contains($0.key) }
    return names.count == 1 ? names.first?.value : nil
  }

  /// Other names of keys that are written, and keys that no longer hold.
  private static func superseded(_ architecture: Architecture) -> [String] {
    let keys = architecture.keys
    return [keys.hiddenSize, keys.layerCount, keys.headCount, keys.intermediateSize]
      .flatMap { $0.dropFirst() } + [
        "num_labels", "id2label", "label2id", "problem_type", "dtype", "torch_dtype",
        "quantization_config",
      ]
  }

  private static func members(
    of original: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) -> [Member] {
    var members: [Member] = []
    var reader = try JSONReader(original, rules: .python)
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      let name = key.string
      _ = try reader.peek()
      let start = reader.offset
      try reader.skipValue()
      members.append((name, Array(original[start..<reader.offset])))
    }
    try reader.finish()
    return members
  }

  private static func values(of configuration: ModelConfiguration) -> [Member] {
    let keys = configuration.architecture.keys
    var members: [Member] = [
      ("model_type", string(configuration.architecture.rawValue)),
      ("vocab_size", number(configuration.vocabularySize)),
      (keys.hiddenSize[0], number(configuration.hiddenSize)),
      (keys.layerCount[0], number(configuration.layerCount)),
      (keys.headCount[0], number(configuration.headCount)),
      (keys.intermediateSize[0], number(configuration.intermediateSize)),
      ("max_position_embeddings", number(configuration.maxPositions)),
      (keys.activation, string(configuration.activation.rawValue)),
    ]
    if configuration.labels != ModelConfiguration().labels {
      members += [
        ("id2label", labels(configuration.labels)), ("label2id", numbers(configuration.labels)),
      ]
    }
    if configuration.architecture == .bert {
      members += [
        ("type_vocab_size", number(configuration.typeVocabularySize)),
        ("layer_norm_eps", Array("\(configuration.normEpsilon)".utf8)),
      ]
    }
    if let type = configuration.problemType {
      members.append(("problem_type", string(type.rawValue)))
    }
    if !configuration.architectures.isEmpty {
      members.append(("architectures", list(configuration.architectures)))
    }
    return members
  }

  private static func number(_ value: Int) -> [UInt8] { Array("\(value)".utf8) }

  private static func string(_ value: String) -> [UInt8] {
    var text: [UInt8] = []
    JSONWriter.append(string: value, to: &text)
    return text
  }

  private static func list(_ values: [String]) -> [UInt8] {
    let items = values.map { Array("    ".utf8) + string($0) }
    return Array("[\n".utf8) + Array(items.joined(separator: ",\n".utf8)) + Array("\n  ]".utf8)
  }

  private static func labels(_ labels: [String]) -> [UInt8] {
    object(labels.enumerated().map { ("\($0)", string($1)) })
  }

  /// If two labels have one name, the number of the last counts, as in Python.
  private static func numbers(_ labels: [String]) -> [UInt8] {
    var numbers: [String: Int] = [:]
    for (index, label) in labels.enumerated() { numbers[label] = index }
    return object(numbers.sorted { $0.value < $1.value }.map { ($0, number($1)) })
  }

  private static func object(_ members: [Member]) -> [UInt8] {
    let items = members.map { Array("    ".utf8) + string($0.key) + Array(": ".utf8) + $0.value }
    return Array("{\n".utf8) + Array(items.joined(separator: ",\n".utf8)) + Array("\n  }".utf8)
  }
}
