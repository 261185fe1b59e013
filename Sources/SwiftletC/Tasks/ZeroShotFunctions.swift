public import CSwiftlet
import Swiftlet

private let models = ModelCalls<ZeroShotClassifier>(name: "classifier")

/// Loads a zero-shot classifier from a model folder.
@c @implementation
public func swiftlet_zero_shot_classifier_load(
  _ directory: UnsafePointer<CChar>?, _ options: UnsafePointer<swiftlet_model_options>?,
  _ classifier: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  models.load(directory, options, to: classifier, error) { (directory, options) throws(Failure) in
    try Failure.converting { () throws(SwiftletError) in
      try ZeroShotClassifier(directory: directory, options: options)
    }
  }
}

/// Frees the handle of a zero-shot classifier.
@c @implementation
public func swiftlet_zero_shot_classifier_free(_ classifier: OpaquePointer?) {
  models.free(classifier)
}

/// Returns the maximum length of a text in tokens; 0 for a dead handle.
@c @implementation
public func swiftlet_zero_shot_classifier_max_length(_ classifier: OpaquePointer?) -> Int {
  models.maxLength(classifier)
}

/// Returns a new handle of the model's tokenizer.
@c @implementation
public func swiftlet_zero_shot_classifier_tokenizer(
  _ classifier: OpaquePointer?, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  models.tokenizer(classifier, to: tokenizer, error)
}

/// Classifies texts by the labels of the call as one batch.
@c @implementation
public func swiftlet_classify_zero_shot(
  _ classifier: OpaquePointer?, _ texts: UnsafePointer<swiftlet_text>?, _ count: Int,
  _ labels: UnsafePointer<swiftlet_text>?, _ labelCount: Int,
  _ options: UnsafePointer<swiftlet_zero_shot_options>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<swiftlet_zero_shot_classifications>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(result, name: "result")
    let classifier = try models.model(classifier)
    let options = try ZeroShotOptions(options)
    let texts = try InputText.array(texts, count: count, name: "texts")
    let labels = try InputText.array(labels, count: labelCount, name: "labels")
    let answers = try Failure.converting { () throws(SwiftletError) in
      try classifier.classify(texts, labels: labels, options: options)
    }
    place.pointee = swiftlet_zero_shot_classifications.make(answers, labels: labels)
  }
}

/// Frees the result of `swiftlet_classify_zero_shot`.
@c @implementation
public func swiftlet_zero_shot_classifications_free(
  _ result: UnsafeMutablePointer<swiftlet_zero_shot_classifications>?
) {
  swiftlet_zero_shot_classifications.free(result)
}
