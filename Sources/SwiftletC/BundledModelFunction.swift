public import CSwiftlet
import Swiftlet
import SwiftletWeights

/// Returns the folder of a bundled model.
@c @implementation
public func swiftlet_bundled_model(
  _ name: UnsafePointer<CChar>?, _ directory: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(directory, name: "directory")
    let name = try InputText.string(name, name: "name")
    guard name == "sentiment" else {
      throw Failure(
        SWIFTLET_INVALID_OPTION, "the library has no model \"\(name)\"; it has \"sentiment\"")
    }
    let folder = try Failure.converting { () throws(SwiftletError) in
      try BundledModel.sentimentDirectory()
    }
    place.pointee = UnsafeMutablePointer(mutating: Memory.copy(folder))
  }
}
