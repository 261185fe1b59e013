import SwiftletSystem

#if Hub
import SwiftletHub
#endif

/// Where a model that the command line names is: a folder or, in builds with the trait Hub, a repository
/// of the Hugging Face Hub.
enum ModelSource {
  /// Returns the folder of a model. A path that exists is used as it is; the name of a repository,
  /// `org/name` or `org/name@revision`, is downloaded unless it is in the cache.
  ///
  /// Other paths are returned too: loading them explains what is wrong.
  static func folder(_ name: String, hidesProgress: Bool = false) throws -> String {
    #if Hub
    guard let address = repository(name) else { return name }
    do throws(HubError) {
      return try HubDownload(hidesProgress: hidesProgress).snapshot(address)
    } catch {
      // The name may be a path with a mistake.
      let prefix = error.isAboutName ? "there is no folder \(name), and " : ""
      throw CommandFailure(error, prefix: prefix)
    }
    #else
    return name
    #endif
  }

  #if Hub
  /// The repository that a name means; nil for a path that exists, and for what can only be a path.
  private static func repository(_ name: String) -> ModelAddress? {
    guard !FileStatus.exists(name), let address = try? ModelAddress(name) else { return nil }
    // The Hub's first models have names without a slash, but none with the suffix of a file.
    let isFileName = !name.contains("/") && name.contains(".")
    return isFileName ? nil : address
  }
  #endif
}
