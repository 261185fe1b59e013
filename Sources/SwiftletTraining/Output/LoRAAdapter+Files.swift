import SwiftletJSON
import SwiftletSafetensors
import SwiftletSystem

extension LoRAAdapter {
  private static let configurationName = "adapter_config.json"
  private static let tensorsName = "adapter_model.safetensors"
  private static let prefix = "base_model.model."
  private static let suffixes = (a: ".lora_A.weight", b: ".lora_B.weight")

  /// The files that ``write(to:)`` writes.
  package static let files = [configurationName, tensorsName]

  // MARK: Writing

  /// Writes `adapter_config.json` and `adapter_model.safetensors` as peft does into a folder that exists.
  ///
  /// Write into a `StagedFolder` to make both appear together.
  package func write(to folder: String) throws(TrainingError) {
    let text = configuration.document
    try OutputFiles.writing { () throws(FileError) in
      try text.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try FileWriting.create(
          OutputFiles.path(Self.configurationName, in: folder), with: UnsafeRawBufferPointer(bytes))
      }
    }
    do throws(SafetensorsError) {
      try SafetensorsWriter.write(
        tensors, metadata: ["format": "pt"], to: OutputFiles.path(Self.tensorsName, in: folder))
    } catch {
      throw TrainingError(writing: error)
    }
  }

  private var tensors: [SafetensorsWriter.Tensor] {
    layers.flatMap { layer in
      let name = Self.prefix + layer.name
      return [
        SafetensorsWriter.Tensor(
          name: name + Self.suffixes.a, shape: [rank, layer.inputs], floats: layer.a),
        SafetensorsWriter.Tensor(
          name: name + Self.suffixes.b, shape: [layer.outputs, rank], floats: layer.b),
      ]
    }
      + savedTensors.map {
        SafetensorsWriter.Tensor(name: Self.prefix + $0.name, shape: $0.shape, floats: $0.values)
      }
  }

  /// The keys that every release of peft reads, sorted as peft sorts them.
  private var configuration: JSONValue {
    func names(_ names: [String]) -> JSONValue { .array(names.map(JSONValue.string)) }
    return .object([
      ("alpha_pattern", .object([])), ("auto_mapping", .null),
      ("base_model_name_or_path", baseModel.map(JSONValue.string) ?? .null),
      ("bias", .string("none")), ("fan_in_fan_out", .bool(false)), ("inference_mode", .bool(true)),
      ("init_lora_weights", .bool(true)), ("layers_pattern", .null),
      ("layers_to_transform", .null),
      ("lora_alpha", Int(exactly: alpha).map(JSONValue.int) ?? .double(alpha)),
      ("lora_dropout", .double(dropout)),
      ("modules_to_save", savedModules.isEmpty ? .null : names(savedModules)),
      ("peft_type", .string("LORA")), ("r", .int(rank)), ("rank_pattern", .object([])),
      ("revision", .null), ("target_modules", names(targetModules)),
      ("task_type", task.map(JSONValue.string) ?? .null), ("use_dora", .bool(false)),
      ("use_rslora", .bool(usesRankStabilization)),
    ])
  }

  // MARK: Reading

  /// Reads the adapter in a folder.
  ///
  /// - Throws: ``TrainingError/unreadable(reason:)`` for files that are missing or damaged, and for
  ///   settings of peft that change the weights otherwise than `merge` does.
  package init(directory: String) throws(TrainingError) {
    let path = OutputFiles.path(Self.configurationName, in: directory)
    guard let json = try OutputFiles.json(path) else {
      throw .unreadable(reason: "\(path) is missing; the folder holds no adapter of peft")
    }
    try Self.check(json, path)
    guard let rank = json["r"]?.int, Self.ranks.contains(rank), let alpha = json["lora_alpha"],
      let number = Self.number(alpha)
    else {
      throw .unreadable(reason: "\(path) needs the numbers \"r\" and \"lora_alpha\"")
    }
    let targets = json["target_modules"]
    self.init(
      rank: rank, alpha: number,
      targetModules: targets?.string.map { [$0] } ?? targets?.elements.compactMap(\.string) ?? [],
      savedModules: json["modules_to_save"]?.elements.compactMap(\.string) ?? [],
      task: json["task_type"]?.string, baseModel: json["base_model_name_or_path"]?.string)
    dropout = json["lora_dropout"].flatMap(Self.number) ?? 0
    usesRankStabilization = json["use_rslora"]?.bool ?? false
    do throws(SafetensorsError) {
      try readTensors(OutputFiles.path(Self.tensorsName, in: directory))
    } catch {
      throw TrainingError(reading: error)
    }
    for layer in layers where layer.a.count != rank * layer.inputs || layer.b.isEmpty {
      throw .unreadable(
        reason: "the layer \(layer.name) of the adapter in \(directory) is not of rank \(rank)")
    }
  }

  private static func number(_ json: JSONValue) -> Double? {
    switch json {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  private static func check(_ json: JSONValue, _ path: String) throws(TrainingError) {
    var problem: String?
    if json["peft_type"]?.string != "LORA" {
      problem = "\"peft_type\" is \"\(json["peft_type"]?.string ?? "")\", not \"LORA\""
    }
    if let bias = json["bias"]?.string, bias != "none" { problem = "\"bias\" is \"\(bias)\"" }
    for key in ["use_dora", "fan_in_fan_out", "lora_bias", "use_qalora"]
    where json[key]?.bool == true {
      problem = "\"\(key)\" is true"
    }
    for key in ["rank_pattern", "alpha_pattern"] where json[key]?.members.isEmpty == false {
      problem = "\"\(key)\" has entries"
    }
    if let start = json["init_lora_weights"]?.string,
      !["gaussian", "eva", "orthogonal"].contains(start)
    {
      problem = "\"init_lora_weights\" is \"\(start)\", which changes the base model too"
    }
    guard let problem else { return }
    throw .unreadable(reason: "\(path): \(problem); merge the adapter with peft instead")
  }

  private mutating func readTensors(_ path: String) throws(SafetensorsError) {
    let file = try SafetensorsFile(path: path)
    for tensor in file.tensors.sorted(by: { $0.name < $1.name }) {
      let name =
        tensor.name.hasPrefix(Self.prefix)
        ? String(tensor.name.dropFirst(Self.prefix.count)) : tensor.name
      if name.hasSuffix(Self.suffixes.a), tensor.shape.count == 2 {
        layers.append(
          Layer(
            name: String(name.dropLast(Self.suffixes.a.count)), inputs: tensor.shape[1],
            outputs: 0, a: try file.floats(tensor.name), b: []))
      } else if name.hasSuffix(Self.suffixes.b), tensor.shape.count == 2 {
        let module = name.dropLast(Self.suffixes.b.count)
        // `lora_A` precedes `lora_B` in the order of names.
        guard let index = layers.lastIndex(where: { $0.name == module }), tensor.shape[1] == rank
        else { continue }
        layers[index].outputs = tensor.shape[0]
        layers[index].b = try file.floats(tensor.name)
      } else {
        savedTensors.append(
          SavedTensor(name: name, shape: tensor.shape, values: try file.floats(tensor.name)))
      }
    }
  }
}
