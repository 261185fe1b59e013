import CSwiftlet
import Swiftlet

/// Whether models can be loaded in a precision.
@c @implementation
public func swiftlet_precision_supported(_ precision: Int32) -> Int32 {
  do throws(Failure) {
    let choice = try ModelOptions.precision(precision) ?? .float32
    return choice.isSupported ? 1 : 0
  } catch {
    return 0
  }
}

extension ModelOptions {
  /// Converts the options of C code.
  init(_ options: swiftlet_model_options) throws(Failure) {
    self.init(
      gemm: try OptionStruct.choice(options.gemm, of: [.automatic, .native, .cblas], name: "gemm"),
      precision: try Self.precision(options.precision),
      loading: try OptionStruct.choice(
        options.loading, of: [.mapped, .read, .shared], name: "loading"),
      threads: options.threads == 0 ? nil : Int(options.threads),
      allowsOtherTask: try OptionStruct.choice(
        options.allow_other_task, of: [false, true], name: "allow_other_task"))
  }

  /// The precision with a number of the header; nil for the automatic one.
  fileprivate static func precision(_ number: Int32) throws(Failure) -> Precision? {
    try OptionStruct.choice(number, of: [nil, .float32, .int8, .bfloat16], name: "precision")
  }
}

extension ModelOptions {
  /// Reads the options at a pointer for a model without a normalisation; the defaults for NULL.
  init(
    withoutNormalization pointer: UnsafePointer<swiftlet_model_options>?
  ) throws(Failure) {
    var options = swiftlet_model_options()
    try options.read(pointer)
    guard options.normalization == 0 else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "normalization is \(options.normalization), but only embedders have one; set it to 0")
    }
    try self.init(options)
  }
}

extension swiftlet_model_options {
  /// Copies the options at a pointer over the defaults.
  mutating func read(_ pointer: UnsafePointer<swiftlet_model_options>?) throws(Failure) {
    try OptionStruct.read(pointer, into: &self, smallest: 32, name: "swiftlet_model_options")
  }
}
