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
    if let name = name(of: dataTypes) { members.append(("dtype", .string(name))) }
    let replaced = Set(members.map(\.key) + superseded(configuration.architecture))
    if let original {
      do throws(JSONError) {
        members += try JSONValue.rawMembers(of: original).filter { !replaced.contains($0.key) }
      } catch {
        throw .invalidConfiguration(path: "config.json", reason: error.description)
      }
    }
    members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return JSONValue.object(members).document
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

  private static func values(of configuration: ModelConfiguration) -> [JSONValue.Member] {
    let keys = configuration.architecture.keys
    var members: [JSONValue.Member] = [
      ("model_type", .string(configuration.architecture.rawValue)),
      ("vocab_size", .int(configuration.vocabularySize)),
      (keys.hiddenSize[0], .int(configuration.hiddenSize)),
      (keys.layerCount[0], .int(configuration.layerCount)),
      (keys.headCount[0], .int(configuration.headCount)),
      (keys.intermediateSize[0], .int(configuration.intermediateSize)),
      ("max_position_embeddings", .int(configuration.maxPositions)),
      (keys.activation, .string(configuration.activation.rawValue)),
    ]
    if configuration.labels != ModelConfiguration().labels {
      members += [
        ("id2label", labels(configuration.labels)), ("label2id", numbers(configuration.labels)),
      ]
    }
    if configuration.architecture == .bert {
      members += [
        ("type_vocab_size", .int(configuration.typeVocabularySize)),
        ("layer_norm_eps", .float(configuration.normEpsilon)),
      ]
    }
    if let type = configuration.problemType {
      members.append(("problem_type", .string(type.rawValue)))
    }
    if !configuration.architectures.isEmpty {
      members.append(("architectures", .array(configuration.architectures.map(JSONValue.string))))
    }
    return members
  }

  private static func labels(_ labels: [String]) -> JSONValue {
    .object(labels.enumerated().map { ("\($0)", .string($1)) })
  }

  /// If two labels have one name, the number of the last counts, as in Python.
  private static func numbers(_ labels: [String]) -> JSONValue {
    var numbers: [String: Int] = [:]
    for (index, label) in labels.enumerated() { numbers[label] = index }
    return .object(numbers.sorted { $0.value < $1.value }.map { ($0, .int($1)) })
  }
}
