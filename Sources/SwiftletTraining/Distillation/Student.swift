import SwiftletCheckpoint
import SwiftletSafetensors
import SwiftletSystem

/// A student that is made of some of its teacher's layers.
///
/// It reads the teacher's tensors under its own names, so that no weights are written or copied before the
/// training. A DistilBERT of a BERT has a table of its own: DistilBERT has no token types, so the row of type 0
/// is added to every position. A narrower student has copies of parts of all tensors; see ``NarrowCut``.
struct Student {
  private let teacher: BaseModel
  private let layers: [Int]
  private let task: TrainingTask
  let configuration: ModelConfiguration

  /// - Parameters:
  ///   - teacher: The model whose layers it has.
  ///   - layers: Their numbers.
  ///   - architecture: Its own.
  ///   - task: The teacher's.
  ///   - width: Its hidden size, a multiple of the size of the teacher's heads; nil for the teacher's.
  init(
    of teacher: BaseModel, layers: [Int], _ architecture: Architecture, task: TrainingTask,
    width: Int? = nil
  ) {
    self.teacher = teacher
    self.layers = layers
    self.task = task
    var configuration = teacher.configuration
    if architecture != configuration.architecture {
      configuration = Self.converted(configuration, to: architecture)
    }
    configuration.layerCount = layers.count
    if let width {
      let source = teacher.configuration
      configuration.hiddenSize = width
      configuration.headCount = width / source.headSize
      configuration.intermediateSize = max(1, source.intermediateSize * width / source.hiddenSize)
    }
    self.configuration = configuration
  }

  /// Why a DistilBERT could not compute what the BERT does; nil if it can.
  static func obstacle(_ data: PreparedData, _ source: ModelConfiguration) -> String? {
    let usual = ModelConfiguration(.distilBERT).normEpsilon
    if source.normEpsilon != usual {
      return "the BERT has layer_norm_eps \(source.normEpsilon), and a DistilBERT always \(usual)"
    }
    if data.training.hasTokenTypes || data.validation?.hasTokenTypes == true {
      return "the texts are pairs with token types, which a DistilBERT does not have"
    }
    return nil
  }

  /// The sizes of one architecture as those of another, whose dropout rates are its defaults.
  private static func converted(
    _ source: ModelConfiguration, to architecture: Architecture
  ) -> ModelConfiguration {
    var result = ModelConfiguration(architecture)
    result.vocabularySize = source.vocabularySize
    result.hiddenSize = source.hiddenSize
    result.headCount = source.headCount
    result.intermediateSize = source.intermediateSize
    result.maxPositions = source.maxPositions
    result.activation = source.activation
    result.labels = source.labels
    result.problemType = source.problemType
    result.initializerRange = source.initializerRange
    result.paddingID = source.paddingID
    return result
  }

  /// The student as a model to train.
  func base() throws(TrainingError) -> BaseModel {
    let isNarrower = configuration.hiddenSize < teacher.configuration.hiddenSize
    let file = isNarrower ? try narrowed() : try folded()
    // The copies have names of their own.
    let names = isNarrower ? names.mapValues { Self.copyPrefix + $0 } : names
    do throws(CheckpointError) {
      let checkpoint = try CheckpointReader(
        teacher.checkpoint, names: names, replacedBy: file)
      return BaseModel(teacher, configuration: configuration, checkpoint: checkpoint)
    } catch {
      throw TrainingError(reading: error)
    }
  }

  /// Whether the layer before the classifier applies another function than the teacher's: ReLU in
  /// DistilBERT, tanh in BERT.
  private var changesPooler: Bool {
    configuration.architecture != teacher.configuration.architecture && task != .tokens
  }

  /// The teacher's name of each of the student's tensors; new ones are left out.
  private var names: [String: String] {
    let source = teacher.configuration
    var names: [String: String] = [:]
    let body = configuration.parameters()
    for parameter in body where parameter.layer == nil { names[parameter.name] = parameter.name }
    for (index, layer) in layers.enumerated() {
      // Both architectures list the parts of a layer in the same order.
      let sources = source.parameters().filter { $0.layer == layer }
      for (own, other) in zip(body.filter { $0.layer == index }, sources) {
        names[own.name] = other.name
      }
    }
    guard let head = task.head, !changesPooler else { return names }
    for (own, other) in zip(configuration.parameters(of: head), source.parameters(of: head)) {
      names[own.name] = other.name
    }
    return names
  }

  // MARK: Tensors of its own

  private static let copyPrefix = "narrow."

  /// Whether the row of token type 0 is a part of the position embeddings.
  private var foldsTypes: Bool {
    configuration.typeVocabularySize == 0 && teacher.configuration.typeVocabularySize > 0
  }

  /// The position embeddings with the row of token type 0 added, in the form of a checkpoint; nil if the
  /// student has token types or the teacher has none.
  private func folded() throws(TrainingError) -> SafetensorsFile? {
    let name = Architecture.positionEmbeddings + ".weight"
    guard foldsTypes, let stored = teacher.checkpoint.resolvedName(name) else { return nil }
    return try Self.file([
      .init(
        name: stored, shape: [configuration.maxPositions, configuration.hiddenSize],
        floats: try values(of: parameter(name)))
    ])
  }

  /// The chosen rows and columns of all tensors, in the form of a checkpoint.
  private func narrowed() throws(TrainingError) -> SafetensorsFile {
    let cut = NarrowCut(teacher.configuration, configuration)
    let count = configuration.parameters(head: task.head).reduce(0) { $0 + $1.shape.reduce(1, *) }
    do throws(MemoryError) {
      // The numbers, and the bytes of the file.
      try MemoryReserve.check(8 * count, for: "the student's weights")
    } catch {
      throw .memory(bytes: error.bytes, purpose: error.purpose)
    }
    let sources = names
    var tensors: [SafetensorsWriter.Tensor] = []
    for own in configuration.parameters(head: task.head) {
      guard let name = sources[own.name] else { continue }
      let source = parameter(name)
      tensors.append(
        .init(
          name: Self.copyPrefix + name, shape: own.shape,
          floats: cut.values(try values(of: source), of: source)))
    }
    return try Self.file(tensors)
  }

  private static func file(
    _ tensors: [SafetensorsWriter.Tensor]
  ) throws(TrainingError) -> SafetensorsFile {
    do throws(SafetensorsError) {
      return try SafetensorsFile(bytes: SafetensorsWriter.serialize(tensors))
    } catch {
      throw TrainingError(reading: error)
    }
  }

  /// A parameter of the teacher.
  private func parameter(_ name: String) -> Parameter {
    let all = teacher.configuration.parameters(head: task.head)
    guard let found = all.first(where: { $0.name == name }) else {
      stop("\(name) is a parameter of the teacher")
    }
    return found
  }

  /// The numbers of a parameter of the teacher, those of positions with the row of token type 0 where it is
  /// folded.
  private func values(of parameter: Parameter) throws(TrainingError) -> [Float] {
    var values = try stored(parameter)
    if foldsTypes, parameter.name == Architecture.positionEmbeddings + ".weight" {
      let type = try stored(self.parameter(Architecture.typeEmbeddings + ".weight"))
      let width = parameter.shape[1]
      for index in values.indices { values[index] += type[index % width] }
    }
    return values
  }

  private func stored(_ parameter: Parameter) throws(TrainingError) -> [Float] {
    do throws(CheckpointError) {
      let tensor = try teacher.checkpoint.tensor(parameter)
      let count = parameter.shape.reduce(1, *)
      return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
        if let target = buffer.baseAddress { tensor.readFloats(0..<count, into: target) }
        filled = count
      }
    } catch {
      throw TrainingError(reading: error)
    }
  }
}
