import CSwiftlet
import Swiftlet

extension TokenClassificationOptions {
  /// Reads the options at a pointer; the defaults for NULL.
  init(_ pointer: UnsafePointer<swiftlet_token_classification_options>?) throws(Failure) {
    var options = swiftlet_token_classification_options()
    try OptionStruct.read(
      pointer, into: &options, smallest: 40, name: "swiftlet_token_classification_options")
    self.init(
      aggregation: try OptionStruct.choice(
        options.aggregation, of: [.none, .simple, .first, .average, .max], name: "aggregation"),
      ignoreLabels: try Self.ignoredLabels(options),
      longText: try OptionStruct.choice(
        options.long_text, of: [.truncate, .error, .window(stride: Int(options.window_stride))],
        name: "long_text"))
  }

  private static func ignoredLabels(
    _ options: swiftlet_token_classification_options
  ) throws(Failure) -> [String] {
    let count = options.ignored_label_count
    let keepsAll = try OptionStruct.flag(options.keeps_all_labels, name: "keeps_all_labels")
    try InputText.check(
      count: count, hasAddress: options.ignored_labels != nil, name: "ignored_labels")
    guard let labels = options.ignored_labels else { return keepsAll ? [] : ["O"] }
    guard !keepsAll else {
      throw Failure(
        SWIFTLET_INVALID_OPTION, "keeps_all_labels is 1, but ignored_labels is not NULL")
    }
    var names: [String] = []
    for index in 0..<count {
      names.append(try InputText.string(labels[index], name: "ignored_labels[\(index)]"))
    }
    return names
  }
}
