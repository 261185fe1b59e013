public import CSwiftlet
import Swiftlet

private let models = ModelCalls<LoadedTokenClassifier>(name: "classifier")

/// Loads a token classifier from a model folder.
@c @implementation
public func swiftlet_token_classifier_load(
  _ directory: UnsafePointer<CChar>?, _ options: UnsafePointer<swiftlet_model_options>?,
  _ classifier: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  models.load(directory, options, to: classifier, error) { (directory, options) throws(Failure) in
    try LoadedTokenClassifier(directory: directory, options: options)
  }
}

/// Frees the handle of a token classifier.
@c @implementation
public func swiftlet_token_classifier_free(_ classifier: OpaquePointer?) {
  models.free(classifier)
}

/// Returns the maximum length of a text in tokens; 0 for a dead handle.
@c @implementation
public func swiftlet_token_classifier_max_length(_ classifier: OpaquePointer?) -> Int {
  models.maxLength(classifier)
}

/// Returns a new handle of the model's tokenizer.
@c @implementation
public func swiftlet_token_classifier_tokenizer(
  _ classifier: OpaquePointer?, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  models.tokenizer(classifier, to: tokenizer, error)
}

/// Returns the number of labels; 0 for a dead handle.
@c @implementation
public func swiftlet_token_classifier_label_count(_ classifier: OpaquePointer?) -> Int {
  (try? models.model(classifier))?.labels.count ?? 0
}

/// Returns a label by its index; NULL for an index without a label.
@c @implementation
public func swiftlet_token_classifier_label(
  _ classifier: OpaquePointer?, _ index: Int
) -> UnsafePointer<CChar>? {
  (try? models.model(classifier))?.labels.label(index)
}

/// Classifies the tokens of texts as one batch.
@c @implementation
public func swiftlet_classify_tokens(
  _ classifier: OpaquePointer?, _ texts: UnsafePointer<swiftlet_text>?, _ count: Int,
  _ options: UnsafePointer<swiftlet_token_classification_options>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<swiftlet_entities>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(result, name: "result")
    let classifier = try models.model(classifier).classifier
    let options = try TokenClassificationOptions(options)
    let texts = try InputText.array(texts, count: count, name: "texts")
    let answers = try Failure.converting { () throws(SwiftletError) in
      try classifier.classify(texts, options: options)
    }
    place.pointee = swiftlet_entities.make(answers)
  }
}

/// Frees the result of `swiftlet_classify_tokens`.
@c @implementation
public func swiftlet_entities_free(_ result: UnsafeMutablePointer<swiftlet_entities>?) {
  swiftlet_entities.free(result)
}
