import CSwiftlet
import Swiftlet

extension ClassificationOptions {
  /// Reads the options at a pointer; the defaults for NULL.
  init(_ pointer: UnsafePointer<swiftlet_classification_options>?) throws(Failure) {
    var options = swiftlet_classification_options()
    try OptionStruct.read(
      pointer, into: &options, smallest: 32, name: "swiftlet_classification_options")
    try OptionStruct.checkReserved(options.reserved == 0)
    self.init(
      function: try OptionStruct.choice(
        options.function, of: [nil, .softmax, .sigmoid, ScoreFunction.none], name: "function"),
      longText: try OptionStruct.choice(
        options.long_text, of: [.truncate, .error, .window(stride: Int(options.window_stride))],
        name: "long_text"),
      windowPooling: try OptionStruct.choice(
        options.window_pooling, of: [.mean, .max], name: "window_pooling"),
      temperature: options.temperature == 0 ? 1 : options.temperature)
  }
}
