import SwiftletSafetensors

/// The heads whose tensors a checkpoint holds beside its body.
package struct CheckpointHeads: Sendable, Equatable {
  /// Outputs of the layer `classifier`, which sequence and token classifiers and models for multiple
  /// choice have under one name; nil without one.
  package let classifierOutputs: Int?
  /// Whether the dense layer is there that a sequence classifier begins with. Token classifiers of
  /// BERT may have one too, as a part of the body.
  package let hasPooler: Bool
  /// `qa_outputs`
  package let answersQuestions: Bool
  /// The transformation before the projector of a masked language model.
  package let fillsMasks: Bool

  package init(_ names: CheckpointNames, of architecture: Architecture) {
    let has = { (name: String) in names.find(name + ".weight") != nil }
    classifierOutputs = names.find(Architecture.classifier + ".weight")?.shape.first
    hasPooler = has(architecture.pooler)
    answersQuestions = has(Architecture.questionLayer)
    fillsMasks = has(architecture.maskedLanguageHead.transform)
  }
}
