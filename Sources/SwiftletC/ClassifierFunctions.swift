public import CSwiftlet
import Swiftlet

/// Loads a classifier from a model folder.
@c @implementation
public func swiftlet_classifier_load(
  _ directory: UnsafePointer<CChar>?, _ options: UnsafePointer<swiftlet_model_options>?,
  _ classifier: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(classifier, name: "classifier")
    place.pointee = HandleTable.shared.add(
      try LoadedClassifier(directory: directory, options: options))
  }
}

/// Frees a classifier handle.
@c @implementation
public func swiftlet_classifier_free(_ classifier: OpaquePointer?) {
  HandleTable.shared.remove(classifier, LoadedClassifier.self)
}

/// Returns the number of labels; 0 for a dead handle.
@c @implementation
public func swiftlet_classifier_label_count(_ classifier: OpaquePointer?) -> Int {
  (try? loaded(classifier))?.labels.count ?? 0
}

/// Returns a label by its index; NULL for an index without a label.
@c @implementation
public func swiftlet_classifier_label(
  _ classifier: OpaquePointer?, _ index: Int
) -> UnsafePointer<CChar>? {
  (try? loaded(classifier))?.labels.label(index)
}

/// Returns the maximum length of a text in tokens; 0 for a dead handle.
@c @implementation
public func swiftlet_classifier_max_length(_ classifier: OpaquePointer?) -> Int {
  (try? loaded(classifier))?.classifier.maxLength ?? 0
}

/// Returns a new handle of the classifier's tokenizer.
@c @implementation
public func swiftlet_classifier_tokenizer(
  _ classifier: OpaquePointer?, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(tokenizer, name: "tokenizer")
    place.pointee = HandleTable.shared.add(
      LoadedTokenizer(try loaded(classifier).classifier.tokenizer))
  }
}

/// Classifies texts as one batch.
@c @implementation
public func swiftlet_classify(
  _ classifier: OpaquePointer?, _ texts: UnsafePointer<swiftlet_text>?, _ count: Int,
  _ options: UnsafePointer<swiftlet_classification_options>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<swiftlet_classifications>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  classify(classifier, texts, count, options, result, error)
}

/// Classifies pairs of texts as one batch.
@c @implementation
public func swiftlet_classify_pairs(
  _ classifier: OpaquePointer?, _ texts: UnsafePointer<swiftlet_text>?,
  _ pairs: UnsafePointer<swiftlet_text>?, _ count: Int,
  _ options: UnsafePointer<swiftlet_classification_options>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<swiftlet_classifications>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  classify(classifier, texts, pairs: pairs, count, options, result, error)
}

/// Writes the logits of texts to the caller's buffer.
@c @implementation
public func swiftlet_logits(
  _ classifier: OpaquePointer?, _ texts: UnsafePointer<swiftlet_text>?, _ count: Int,
  _ options: UnsafePointer<swiftlet_classification_options>?,
  _ logits: UnsafeMutablePointer<Float>?, _ capacity: Int,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let loaded = try loaded(classifier)
    let call = try ClassificationCall(options, labelCount: loaded.labels.count)
    let buffer = try OutputPlace.rows(
      logits, capacity: capacity, count: count, width: loaded.labels.count, name: "logits")
    let answers = try loaded.classify(texts, count: count, options: call.options)
    buffer.write(answers.lazy.map(\.logits))
  }
}

/// Frees the result of `swiftlet_classify` or `swiftlet_classify_pairs`.
@c @implementation
public func swiftlet_classifications_free(
  _ result: UnsafeMutablePointer<swiftlet_classifications>?
) {
  swiftlet_classifications.free(result)
}

private func loaded(_ classifier: OpaquePointer?) throws(Failure) -> LoadedClassifier {
  try HandleTable.shared.object(classifier, LoadedClassifier.self, name: "classifier")
}

/// Classifies texts, or pairs of texts if the argument is passed, even as NULL.
private func classify(
  _ classifier: OpaquePointer?, _ texts: UnsafePointer<swiftlet_text>?,
  pairs: UnsafePointer<swiftlet_text>?? = .none, _ count: Int,
  _ options: UnsafePointer<swiftlet_classification_options>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<swiftlet_classifications>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(result, name: "result")
    let loaded = try loaded(classifier)
    let call = try ClassificationCall(options, labelCount: loaded.labels.count)
    let answers = try loaded.classify(texts, pairs: pairs, count: count, options: call.options)
    place.pointee = swiftlet_classifications.make(answers, by: loaded.classifier, call)
  }
}
