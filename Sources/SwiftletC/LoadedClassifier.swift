import CSwiftlet
import Swiftlet

/// The object of a classifier handle: the classifier, and its labels as C strings.
final class LoadedClassifier: Sendable {
  let classifier: Classifier
  let labels: LabelStrings

  init(
    directory: UnsafePointer<CChar>?, options: UnsafePointer<swiftlet_model_options>?
  ) throws(Failure) {
    let directory = try InputText.string(directory, name: "directory")
    let options = try ModelOptions(withoutNormalization: options)
    classifier = try Failure.converting { () throws(SwiftletError) in
      try Classifier(directory: directory, options: options)
    }
    labels = try LabelStrings(classifier.labels)
  }

  /// Classifies texts, or pairs of texts.
  func classify(
    _ texts: UnsafePointer<swiftlet_text>?, pairs: UnsafePointer<swiftlet_text>?? = .none,
    count: Int, options: ClassificationOptions
  ) throws(Failure) -> [Classification] {
    let texts = try InputText.array(texts, count: count, name: "texts")
    let seconds: [String]? =
      if let pairs { try InputText.array(pairs, count: count, name: "pairs") } else { nil }
    return try Failure.converting { () throws(SwiftletError) in
      guard let seconds else { return try classifier.classify(texts, options: options) }
      return try classifier.classify(
        zip(texts, seconds).map { TextPair($0, $1) }, options: options)
    }
  }
}
