public import CSwiftlet
import Swiftlet

private let models = ModelCalls<MultipleChoice>(name: "model")

/// Loads a multiple-choice model from a model folder.
@c @implementation
public func swiftlet_multiple_choice_load(
  _ directory: UnsafePointer<CChar>?, _ options: UnsafePointer<swiftlet_model_options>?,
  _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  models.load(directory, options, to: model, error) { (directory, options) throws(Failure) in
    try Failure.converting { () throws(SwiftletError) in
      try MultipleChoice(directory: directory, options: options)
    }
  }
}

/// Frees the handle of a multiple-choice model.
@c @implementation
public func swiftlet_multiple_choice_free(_ model: OpaquePointer?) {
  models.free(model)
}

/// Returns the maximum length of a text in tokens; 0 for a dead handle.
@c @implementation
public func swiftlet_multiple_choice_max_length(_ model: OpaquePointer?) -> Int {
  models.maxLength(model)
}

/// Returns a new handle of the model's tokenizer.
@c @implementation
public func swiftlet_multiple_choice_tokenizer(
  _ model: OpaquePointer?, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  models.tokenizer(model, to: tokenizer, error)
}

/// Chooses the text that fits best.
@c @implementation
public func swiftlet_choose(
  _ model: OpaquePointer?, _ text: UnsafePointer<swiftlet_text>?,
  _ choices: UnsafePointer<swiftlet_text>?, _ count: Int,
  _ options: UnsafePointer<swiftlet_choice_options>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<swiftlet_choice>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(result, name: "result")
    let model = try models.model(model)
    let longText = try swiftlet_choice_options.longText(options)
    guard let text else { throw .argument("text is NULL; pass the address of a swiftlet_text") }
    let first = try InputText.read(text.pointee, "text")
    let choices = try InputText.array(choices, count: count, name: "choices")
    let choice = try Failure.converting { () throws(SwiftletError) in
      try model.choose(first, among: choices, longText: longText)
    }
    place.pointee = swiftlet_choice.make(choice)
  }
}

/// Frees the result of `swiftlet_choose`.
@c @implementation
public func swiftlet_choice_free(_ result: UnsafeMutablePointer<swiftlet_choice>?) {
  swiftlet_choice.free(result)
}
