import Swiftlet
import SwiftletCheckpoint
import SwiftletSafetensors
import SwiftletSystem
import SwiftletTokenizer

/// The model that a training begins with.
struct BaseModel {
  let path: String
  let files: BaseModelFiles
  let checkpoint: CheckpointReader
  let configuration: ModelConfiguration

  /// Reads settings, tokenizer and the header of the weights. A model that is not trained, such as a
  /// teacher, may have int8 weights.
  ///
  /// - Throws: ``TrainingError/unreadable(reason:)`` for a folder that is not a model.
  init(_ path: String, embeds: Bool, allowsInt8: Bool = false) throws(TrainingError) {
    self.path = path
    do throws(SwiftletError) {
      files = try BaseModelFiles(path, embeds: embeds)
    } catch {
      throw .unreadable(reason: error.description)
    }
    do throws(CheckpointError) {
      checkpoint = try CheckpointReader(model: files.folder.transformer, loading: .mapped)
    } catch {
      throw TrainingError(reading: error)
    }
    configuration = files.configuration
    guard allowsInt8 || !checkpoint.isQuantized else {
      throw .unreadable(
        reason: "\(path) has int8 weights, which can't be trained; name the folder with the "
          + "original weights with --model")
    }
  }

  /// A model with tokenizer and other files of `source`.
  init(_ source: BaseModel, configuration: ModelConfiguration, checkpoint: CheckpointReader) {
    (path, files) = (source.path, source.files)
    (self.configuration, self.checkpoint) = (configuration, checkpoint)
  }

  var tokenizer: Tokenizer { files.tokenizer }

  /// A hash that tells the model from others with tensors of the same sizes.
  ///
  /// - Throws: ``TrainingError/unreadable(reason:)`` if `config.json` can't be read any more.
  var fingerprint: String {
    get throws(TrainingError) { try checkpoint.fingerprint(files) }
  }

  /// Whether the checkpoint has the last layer of a head.
  func has(_ head: ModelHead) -> Bool {
    let last =
      head == .questionAnswering ? Architecture.questionLayer : Architecture.classifier
    return checkpoint.resolvedName(last + ".weight") != nil
  }
}

extension CheckpointReader {
  /// The bytes of a tensor that are hashed: trained weights differ in the first ones, and a start takes no
  /// longer with a large model.
  private static let hashedBytes = 4096

  /// A SHA-256 of `config.json`, and of the name, the type, the shape and the first values of each tensor.
  func fingerprint(_ files: BaseModelFiles) throws(TrainingError) -> String {
    var digest = MessageDigest<SHA256>()
    do throws(FileError) {
      digest.update(
        try SHA256.hex(ofFile: OutputFiles.path("config.json", in: files.folder.transformer)))
    } catch {
      throw TrainingError(reading: error)
    }
    for tensor in checkpoint.tensors.compactMap({ checkpoint.stored($0.name) }) {
      digest.update(" \(tensor.info.name) \(tensor.info.dataType) \(tensor.info.shape) ")
      withExtendedLifetime(tensor) {
        digest.update(UnsafeRawBufferPointer(rebasing: tensor.bytes.prefix(Self.hashedBytes)))
      }
    }
    return digest.finish()
  }
}

extension TrainingTask {
  /// The head of transformers that the task trains; nil for embeddings.
  var head: ModelHead? {
    switch self {
    case .classification, .multiLabel, .regression: .sequenceClassification
    case .tokens: .tokenClassification
    case .questions: .questionAnswering
    case .choices: .multipleChoice
    case .masks: .maskedLanguage
    case .embeddings: nil
    }
  }

  /// `problem_type`, which transformers derives in the first step.
  var problemType: ProblemType? {
    switch self {
    case .classification: .singleLabel
    case .multiLabel: .multiLabel
    case .regression: .regression
    case .tokens, .questions, .choices, .masks, .embeddings: nil
    }
  }

  var reported: ReportedTask {
    switch self {
    case .classification: .classification
    case .multiLabel: .multiLabel
    case .regression: .regression
    case .tokens: .tokens
    case .questions: .questions
    case .choices: .choices
    case .masks: .masks
    case .embeddings: .embeddings
    }
  }
}
