#if Hub
import Swiftlet
import SwiftletJSON
import SwiftletSystem

/// The names of files in an index of weights, `model.safetensors.index.json`.
enum WeightsIndex {
  /// The files that the index lists, each once and sorted.
  ///
  /// - Throws: ``HubError/model(_:)`` for a file that is not an index, or one that lists a path outside
  ///   of its folder.
  static func files(_ path: String) throws(HubError) -> [String] {
    let bytes: FileContents
    do throws(FileError) {
      bytes = try FileContents(path: path, loading: .read, limit: FileContents.maxSettingsBytes)
    } catch {
      throw .model(.missingFile(reason: error.description))
    }
    let value = withExtendedLifetime(bytes) {
      try? JSONValue(bytes.bytes.assumingMemoryBound(to: UInt8.self), rules: .python)
    }
    let names = value?["weight_map"]?.members.compactMap(\.value.string) ?? []
    guard !names.isEmpty else {
      throw .model(
        .invalidModel(reason: "\(path) has no \"weight_map\" with the names of the weights' files"))
    }
    guard names.allSatisfy({ !$0.contains("/") }) else {
      throw .model(.invalidModel(reason: "\(path) lists files outside of its folder"))
    }
    return Set(names).sorted()
  }
}
#endif
