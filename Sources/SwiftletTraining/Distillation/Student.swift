import SwiftletCheckpoint
import SwiftletSafetensors
import SwiftletSystem

/// A student that is made of some of its teacher's layers.
///
/// It reads the teacher's tensors under its own names, so that no weights are written or copied before the
/// training. Only a DistilBERT of a BERT has a table of its own: DistilBERT has no token types, so the row
/// of type 0 is added to every position.
struct Student {
  private let teacher: BaseModel
  private let layers: [Int]
  private let task: TrainingTask
  let configuration: ModelConfiguration

  init(
    of teacher: BaseModel, layers: [Int], _ architecture: Architecture, task: TrainingTask
  ) {
    self.teacher = teacher
    self.layers = layers
    self.task = task
    var configuration = teacher.configuration
    if architecture != configuration.architecture {
      configuration = Self.converted(configuration, to: architecture)
    }
    configuration.layerCount = layers.count
    if task == .regression { configuration.labels = ["LABEL_0"] }
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
    let file = try folded()
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

  /// The position embeddings with the row of token type 0 added, in the form of a checkpoint; nil if the
  /// student has token types or the teacher has none.
  private func folded() throws(TrainingError) -> SafetensorsFile? {
    guard configuration.typeVocabularySize == 0, teacher.configuration.typeVocabularySize > 0 else {
      return nil
    }
    let name = Architecture.positionEmbeddings + ".weight"
    guard let stored = teacher.checkpoint.resolvedName(name) else { return nil }
    var positions = try values(of: name)
    let type = try values(of: Architecture.typeEmbeddings + ".weight")
    let width = configuration.hiddenSize
    for index in positions.indices { positions[index] += type[index % width] }
    do throws(SafetensorsError) {
      return try SafetensorsFile(
        bytes: SafetensorsWriter.serialize([
          .init(name: stored, shape: [configuration.maxPositions, width], floats: positions)
        ]))
    } catch {
      throw TrainingError(reading: error)
    }
  }

  private func values(of name: String) throws(TrainingError) -> [Float] {
    guard let parameter = teacher.configuration.parameters().first(where: { $0.name == name })
    else {
      stop("\(name) is a parameter of every BERT")
    }
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
