import CSwiftlet

/// The labels of a model as C strings, which live as long as this object.
///
/// `@unchecked` because pointers are not `Sendable`; the labels are immutable.
final class LabelStrings: @unchecked Sendable {
  private let labels: [UnsafePointer<CChar>]

  /// - Throws: For a label that contains NUL.
  init(_ labels: [String]) throws(Failure) {
    for label in labels where label.utf8.contains(0) {
      throw Failure(
        SWIFTLET_UNSUPPORTED_MODEL,
        "the model's label \"\(label)\" contains NUL; rename it in config.json")
    }
    self.labels = labels.map { Memory.copy($0) }
  }

  deinit {
    for label in labels { label.deallocate() }
  }

  var count: Int { labels.count }

  /// Returns a label by its index; nil for an index without a label.
  func label(_ index: Int) -> UnsafePointer<CChar>? {
    labels.indices.contains(index) ? labels[index] : nil
  }
}
