public import CSwiftlet
import Swiftlet

private let models = ModelCalls<FillMask>(name: "filler")

/// Loads a mask filler from a model folder.
@c @implementation
public func swiftlet_mask_filler_load(
  _ directory: UnsafePointer<CChar>?, _ options: UnsafePointer<swiftlet_model_options>?,
  _ filler: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  models.load(directory, options, to: filler, error) { (directory, options) throws(Failure) in
    try Failure.converting { () throws(SwiftletError) in
      try FillMask(directory: directory, options: options)
    }
  }
}

/// Frees the handle of a mask filler.
@c @implementation
public func swiftlet_mask_filler_free(_ filler: OpaquePointer?) {
  models.free(filler)
}

/// Returns the maximum length of a text in tokens; 0 for a dead handle.
@c @implementation
public func swiftlet_mask_filler_max_length(_ filler: OpaquePointer?) -> Int {
  models.maxLength(filler)
}

/// Returns a new handle of the model's tokenizer.
@c @implementation
public func swiftlet_mask_filler_tokenizer(
  _ filler: OpaquePointer?, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  models.tokenizer(filler, to: tokenizer, error)
}

/// Fills the masks of texts as one batch.
@c @implementation
public func swiftlet_fill_masks(
  _ filler: OpaquePointer?, _ texts: UnsafePointer<swiftlet_text>?, _ count: Int,
  _ options: UnsafePointer<swiftlet_mask_options>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<swiftlet_fillings>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(result, name: "result")
    let filler = try models.model(filler)
    let options = try MaskFillingOptions(options)
    let texts = try InputText.array(texts, count: count, name: "texts")
    let answers = try Failure.converting { () throws(SwiftletError) in
      try filler.fill(texts, options: options)
    }
    place.pointee = swiftlet_fillings.make(answers)
  }
}

/// Frees the result of `swiftlet_fill_masks`.
@c @implementation
public func swiftlet_fillings_free(_ result: UnsafeMutablePointer<swiftlet_fillings>?) {
  swiftlet_fillings.free(result)
}
