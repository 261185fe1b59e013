import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder

extension TrainingSession {
  /// The training of a sentence model by the loss of the options.
  static func embeddings(
    _ context: TrainingContext
  ) throws(TrainingError) -> TaskTraining<SentenceHead, EmbeddingObjective> {
    let data = context.data
    let loss =
      context.request.options.loss ?? (data.training.hasScores ? .cosent : .ranking)
    try loss.check(training: data.training)
    if let validation = data.validation { try loss.check(validation: validation) }
    return try TaskTraining(
      context, objective: EmbeddingObjective(data.training, loss: loss),
      validation: data.validation.map { EmbeddingObjective($0, loss: loss) }
    ) { (options, configuration, base) throws(CheckpointError) in
      try TrainableModel(
        poolings: base.files.poolings, dense: base.files.dense, normalizes: base.files.normalizes,
        configuration, base.checkpoint, options)
    }
  }
}

extension TrainingOptions.EmbeddingLoss {
  /// Throws unless the training data fit the loss.
  fileprivate func check(training data: EncodedDataset) throws(TrainingError) {
    guard data.hasScores == needsScores else {
      throw error(
        needsScores
          ? "needs pairs with a score, but the training data have no scores; use ranking or triplet"
          : "takes no scores, but the training data have them; use cosent or cosine")
    }
    try checkTexts(of: data, "the training data")
    try checkScores(of: data)
  }

  /// Throws unless a training by the loss can be validated on the data. Pairs with scores have metrics for
  /// every loss.
  fileprivate func check(validation data: EncodedDataset) throws(TrainingError) {
    if needsScores, !data.hasScores {
      throw .invalidOption(
        name: "--validation",
        reason:
          "has no scores, but the training data have them; give pairs with a score, or a share "
          + "such as 0.1")
    }
    if !data.hasScores { try checkTexts(of: data, "the validation data") }
    try checkScores(of: data)
  }

  private func checkTexts(of data: EncodedDataset, _ name: String) throws(TrainingError) {
    guard self == .triplet, data.count > 0, data.sequenceCount(of: 0) != 3 else { return }
    throw error(
      "needs an anchor, its positive and one negative, but \(name) have \(data.sequenceCount(of: 0)) "
        + "texts in an example; use ranking")
  }

  private func checkScores(of data: EncodedDataset) throws(TrainingError) {
    guard self == .cosine else { return }
    for example in 0..<data.count {
      guard case .similarity(let score) = data.target(of: example), score.magnitude > 1 else {
        continue
      }
      throw error(
        "needs scores from -1 to 1, but \(data.place(of: example)) has \(score); divide the scores, "
          + "or use cosent")
    }
  }

  private func error(_ reason: String) -> TrainingError {
    .invalidOption(name: "--loss", reason: "is \(rawValue), which \(reason)")
  }
}
