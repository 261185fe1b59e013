import CSwiftlet
import Swiftlet

/// The object of a classifier handle: the classifier, and its labels as C strings.
///
/// `@unchecked` because pointers are not `Sendable`; the labels are immutable.
final class LoadedClassifier: @unchecked Sendable {
  let classifier: Classifier
  /// The labels as C strings.
  let labels: [UnsafePointer<CChar>]

  init(
    directory: UnsafePointer<CChar>?, options: UnsafePointer<swiftlet_model_options>?
  ) throws(Failure) {
    let directory = try InputText.string(directory, name: "directory")
    let given = options
    var options = swiftlet_model_options()
    try options.read(given)
    guard options.normalization == 0 else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "normalization is \(options.normalization), but classifiers have none; set it to 0")
    }
    let modelOptions = try ModelOptions(options)
    do throws(SwiftletError) {
      classifier = try Classifier(directory: directory, options: modelOptions)
    } catch {
      throw Failure(error)
    }
    for label in classifier.labels where label.utf8.contains(0) {
      throw Failure(
        SWIFTLET_UNSUPPORTED_MODEL,
        "the model's label \"\(label)\" contains NUL; rename it in config.json"
      )
    }
    labels = classifier.labels.map { Memory.copy($0) }
  }

  deinit {
    for label in labels { label.deallocate() }
  }

  /// Classifies texts, or pairs of texts.
  func classify(
    _ texts: UnsafePointer<swiftlet_text>?, pairs: UnsafePointer<swiftlet_text>?? = .none,
    count: Int, options: ClassificationOptions
  ) throws(Failure) -> [Classification] {
    let texts = try InputText.array(texts, count: count, name: "texts")
    let seconds: [String]? =
      if let pairs { try InputText.array(pairs, count: count, name: "pairs") } else { nil }
    do throws(SwiftletError) {
      guard let seconds else { return try classifier.classify(texts, options: options) }
      return try classifier.classify(
        zip(texts, seconds).map { TextPair($0, $1) }, options: options)
    } catch {
      throw Failure(error)
    }
  }
}
