import Swiftlet
import SwiftletCheckpoint
import SwiftletSafetensors
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

  /// Whether the checkpoint has the last layer of a head.
  func has(_ head: ModelHead) -> Bool {
    let last =
      head == .questionAnswering ? Architecture.questionLayer : Architecture.classifier
    return checkpoint.resolvedName(last + ".weight") != nil
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
