import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletJSON
import SwiftletSafetensors
import SwiftletTokenizer

/// What `swiftlet inspect` shows about a model, or about one file of weights.
struct ModelDescription {
  let path: String
  /// `architectures` of config.json.
  let architectures: [String]
  /// The model's tasks, the usual one first; none for one file of weights.
  let tasks: [ModelTask]
  let settings: [JSONValue.Member]
  let labels: [String]
  let tokenizer: [JSONValue.Member]
  let tensors: [TensorSummary]
  let metadata: [JSONValue.Member]
  let files: [FileSummary]
  /// The formats of weights in the folder, or of the file.
  let formats: [WeightFormat.Found]
  /// The graph of an ONNX file; nil for other formats.
  let graph: GraphDescription?
  /// Errors in parts that the rest of the description does not need.
  let warnings: [String]

  struct FileSummary: Equatable {
    let path: String
    let bytes: Int
  }

  /// Describes one file of weights, in any format that Swiftlet reads.
  init(file path: String) throws {
    let file = try WeightsFile(path)
    self.path = path
    architectures = []
    tasks = []
    settings = []
    labels = []
    tokenizer = []
    tensors = file.tensors.map(TensorSummary.init)
    metadata = Self.members(of: file.metadata)
    files = [FileSummary(path: path, bytes: Self.size(of: path))]
    formats = [WeightFormat.Found(format: file.format, file: path, isUsed: true)]
    graph = file.graph
    warnings = []
  }

  init(directory: String) throws {
    let folder = try ModelLocation(directory).folder()
    let configuration = try ModelConfiguration(path: folder.transformer + "/config.json")
    let checkpoint = try CheckpointReader(model: folder.transformer, loading: .mapped).checkpoint
    path = directory
    architectures = configuration.architectures
    settings = Self.settings(of: configuration)
    labels = configuration.labels
    tensors = checkpoint.tensors.map(TensorSummary.init)
    metadata = Self.members(of: checkpoint.metadata)
    files = checkpoint.paths.map { FileSummary(path: $0, bytes: Self.size(of: $0)) }
    formats = WeightFormat.found(in: folder.transformer)
    graph = try formats.first { $0.isUsed && $0.format == .onnx }.map {
      try GraphDescription(file: folder.transformer + "/" + $0.file, configuration)
    }
    var warnings: [String] = []
    do throws(SwiftletError) {
      tasks = try folder.purpose().tasks
    } catch {
      tasks = []
      warnings.append(error.description)
    }
    do throws(TokenizerError) {
      tokenizer = Self.facts(of: try Tokenizer(directory: folder.tokenizer))
    } catch {
      tokenizer = []
      warnings.append(error.description)
    }
    self.warnings = warnings
  }

  private static func members(of metadata: [String: String]) -> [JSONValue.Member] {
    metadata.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }
  }

  private static func settings(of configuration: ModelConfiguration) -> [JSONValue.Member] {
    let keys = configuration.architecture.keys
    let types = configuration.typeVocabularySize
    return [
      ("model_type", .string(configuration.architecture.rawValue)),
      (keys.hiddenSize[0], .int(configuration.hiddenSize)),
      (keys.layerCount[0], .int(configuration.layerCount)),
      (keys.headCount[0], .int(configuration.headCount)),
      (keys.intermediateSize[0], .int(configuration.intermediateSize)),
      ("vocab_size", .int(configuration.vocabularySize)),
      ("max_position_embeddings", .int(configuration.maxPositions)),
    ] + (types > 0 ? [("type_vocab_size", .int(types))] : []) + [
      (keys.activation, .string(configuration.activation.rawValue)),
      ("problem_type", configuration.problemType.map { .string($0.rawValue) } ?? .null),
    ]
  }

  private static func facts(of tokenizer: Tokenizer) -> [JSONValue.Member] {
    var special: [JSONValue.Member] = []
    let ids = [
      tokenizer.clsID, tokenizer.sepID, tokenizer.padID, tokenizer.maskID, tokenizer.unkID,
    ]
    for id in ids.compactMap({ $0 }) {
      special.append((tokenizer.token(for: id) ?? "", .int(Int(id))))
    }
    return [
      ("vocabulary_size", .int(tokenizer.vocabularySize)),
      ("model_max_length", tokenizer.modelMaxLength.map(JSONValue.int) ?? .null),
      ("lowercases", lowercases(tokenizer).map(JSONValue.bool) ?? .null),
      ("special_tokens", .object(special)),
    ]
  }

  /// Tries it on the tokenizer, because several files may decide it; nil if the vocabulary lacks
  /// "a".
  private static func lowercases(_ tokenizer: Tokenizer) -> Bool? {
    let options = EncodingOptions(addSpecialTokens: false)
    guard tokenizer.encode("a", options: options).ids != [tokenizer.unkID] else { return nil }
    return tokenizer.encode("A", options: options).ids
      == tokenizer.encode("a", options: options).ids
  }

  // MARK: Totals

  var parameterCount: Int { tensors.reduce(0) { Self.sum($0, $1.elementCount) } }

  var byteCount: Int { tensors.reduce(0) { Self.sum($0, $1.byteCount) } }

  /// Tensors, elements and bytes of each type, the largest share first.
  var totals: [(dataType: String, tensors: Int, elements: Int, bytes: Int)] {
    var totals: [(dataType: String, tensors: Int, elements: Int, bytes: Int)] = []
    for tensor in tensors {
      let found = totals.firstIndex { $0.dataType == tensor.dataType }
      let index = found ?? totals.count
      if found == nil { totals.append((tensor.dataType, 0, 0, 0)) }
      totals[index].tensors += 1
      totals[index].elements = Self.sum(totals[index].elements, tensor.elementCount)
      totals[index].bytes += tensor.byteCount
    }
    return totals.sorted { $0.bytes > $1.bytes }
  }

  /// Saturates, because the sizes that a file claims for empty tensors may overflow.
  private static func sum(_ left: Int, _ right: Int) -> Int {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}

/// The tensors of one file, read without a model.
private struct WeightsFile {
  let format: WeightFormat
  let tensors: [TensorInfo]
  var metadata: [String: String] = [:]
  var graph: GraphDescription?

  /// - Throws: The error of the format that the file has; that of safetensors if it has none.
  init(_ path: String) throws {
    if path.hasSuffix(".onnx") {
      let graph = try GraphDescription(file: path)
      (format, tensors, self.graph) = (.onnx, graph.tensors, graph)
      return
    }
    do throws(SafetensorsError) {
      let file = try SafetensorsFile(path: path)
      (format, tensors, metadata) = (.safetensors, file.tensors, file.metadata)
    } catch let safetensorsError {
      do throws(PyTorchError) {
        (format, tensors) = (.pyTorch, try PyTorchFile(path: path).descriptions)
      } catch {
        if case .notPyTorch = error { throw safetensorsError }
        throw error
      }
    }
  }
}

/// One tensor's line in a ``ModelDescription``.
struct TensorSummary: Equatable {
  let name: String
  let dataType: String
  let shape: [Int]
  let elementCount: Int
  let byteCount: Int

  init(_ tensor: TensorInfo) {
    name = tensor.name
    dataType = tensor.dataType.rawValue
    shape = tensor.shape
    elementCount = tensor.elementCount
    byteCount = tensor.byteCount
  }
}
