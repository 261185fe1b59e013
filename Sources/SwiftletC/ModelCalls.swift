import CSwiftlet
import Swiftlet

/// The calls that every kind of model has.
struct ModelCalls<Model: TaskModel> {
  /// The argument's name in the header.
  let name: String

  /// Loads a model and puts its handle into the caller's pointer.
  func load(
    _ directory: UnsafePointer<CChar>?, _ options: UnsafePointer<swiftlet_model_options>?,
    to place: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?,
    _ make: (String, ModelOptions) throws(Failure) -> Model
  ) -> swiftlet_status {
    ErrorRecord.report(to: error) { () throws(Failure) in
      let place = try OutputPlace.cleared(place, name: name)
      let directory = try InputText.string(directory, name: "directory")
      let options = try ModelOptions(withoutNormalization: options)
      place.pointee = HandleTable.shared.add(try make(directory, options))
    }
  }

  /// Returns the model of a live handle.
  func model(_ handle: OpaquePointer?) throws(Failure) -> Model {
    try HandleTable.shared.object(handle, Model.self, name: name)
  }

  /// Frees a handle.
  func free(_ handle: OpaquePointer?) {
    HandleTable.shared.remove(handle, Model.self)
  }

  /// Returns the maximum length of a text in tokens; 0 for a dead handle.
  func maxLength(_ handle: OpaquePointer?) -> Int {
    (try? model(handle))?.maxLength ?? 0
  }

  /// Puts a new handle of a model's tokenizer into the caller's pointer.
  func tokenizer(
    _ handle: OpaquePointer?, to place: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
  ) -> swiftlet_status {
    ErrorRecord.report(to: error) { () throws(Failure) in
      let place = try OutputPlace.cleared(place, name: "tokenizer")
      place.pointee = HandleTable.shared.add(LoadedTokenizer(try model(handle).tokenizer))
    }
  }
}
