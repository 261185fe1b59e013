/// The heads of transformers' classes `…ForSequenceClassification`, `…ForMultipleChoice` and so on.
package enum ModelHead: Sendable, CaseIterable {
  case sequenceClassification, multipleChoice, tokenClassification, questionAnswering,
    maskedLanguage
}
