import CSwiftlet
import Swiftlet

/// How texts are classified, and how labels are selected from their scores.
struct ClassificationCall {
  let options: ClassificationOptions
  /// The number of ranked labels.
  let rankedCount: Int
  /// The score that the best label must reach; nil for any.
  let minimumScore: Float?
  /// The score that each label must reach to be accepted, in the order of the labels.
  let thresholds: [Float]

  /// Reads the options at a pointer for a classifier with `labelCount` labels; the defaults for NULL.
  init(
    _ pointer: UnsafePointer<swiftlet_classification_options>?, labelCount: Int
  ) throws(Failure) {
    var given = swiftlet_classification_options()
    try OptionStruct.read(
      pointer, into: &given, smallest: 32, name: "swiftlet_classification_options")
    try OptionStruct.checkReserved(given.reserved == 0)
    options = try ClassificationOptions(given)
    rankedCount = given.top_k == 0 ? labelCount : min(Int(given.top_k), labelCount)
    minimumScore = given.minimum_score == 0 ? nil : given.minimum_score
    thresholds = try Self.thresholds(given, labelCount: labelCount)
    for (name, value) in [
      ("minimum_score", given.minimum_score), ("threshold", given.threshold),
      ("temperature", given.temperature),
    ] where value.isNaN {
      throw Failure(SWIFTLET_INVALID_OPTION, "\(name) is NaN; set it to a number")
    }
  }

  private static func thresholds(
    _ options: swiftlet_classification_options, labelCount: Int
  ) throws(Failure) -> [Float] {
    guard let thresholds = options.label_thresholds else {
      guard options.label_threshold_count == 0 else {
        throw .argument(
          "label_thresholds is NULL, but label_threshold_count is "
            + "\(UInt(bitPattern: options.label_threshold_count))")
      }
      return Array(
        repeating: options.threshold == 0 ? 0.5 : options.threshold, count: labelCount)
    }
    guard options.label_threshold_count == labelCount else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "label_threshold_count is \(UInt(bitPattern: options.label_threshold_count)), but the model "
          + "has \(labelCount) labels")
    }
    let values = Array(UnsafeBufferPointer(start: thresholds, count: labelCount))
    if let index = values.firstIndex(where: \.isNaN) {
      throw Failure(
        SWIFTLET_INVALID_OPTION, "label_thresholds[\(index)] is NaN; set it to a number")
    }
    return values
  }
}

extension ClassificationOptions {
  /// Converts the options that decide about the scores.
  fileprivate init(_ options: swiftlet_classification_options) throws(Failure) {
    self.init(
      function: try OptionStruct.choice(
        options.function, of: [nil, .softmax, .sigmoid, ScoreFunction.none], name: "function"),
      longText: try OptionStruct.choice(
        options.long_text, of: [.truncate, .error, .window(stride: Int(options.window_stride))],
        name: "long_text"),
      windowPooling: try OptionStruct.choice(
        options.window_pooling, of: [.mean, .max], name: "window_pooling"),
      temperature: options.temperature == 0 ? 1 : options.temperature,
      prompt: try Prompt(kind: options.prompt_kind, options.prompt))
  }
}
