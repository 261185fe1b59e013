import SwiftletSafetensors

/// The heads that a checkpoint has, found by their tensors.
package struct CheckpointHeads: Sendable, Equatable {
  /// The outputs of the layer `classifier`, which sequence classifiers, token classifiers and
  /// multiple-choice models share; nil without it.
  package let classifierOutputs: Int?
  /// Whether the checkpoint has ``Architecture/pooler``. Token classifiers of BERT may have one too, as a
  /// part of the body.
  package let hasPooler: Bool
  /// `qa_outputs`
  package let answersQuestions: Bool
  /// Whether the checkpoint has the head of a masked language model.
  package let fillsMasks: Bool

  package init(_ names: CheckpointNames, of architecture: Architecture) {
    let has = { (name: String) in names.find(name + ".weight") != nil }
    classifierOutputs = names.find(Architecture.classifier + ".weight")?.shape.first
    hasPooler = has(architecture.pooler)
    answersQuestions = has(Architecture.questionLayer)
    fillsMasks = has(architecture.maskedLanguageHead.transform)
  }
}
