import Glibc
import SwiftletSystem

/// Resolves a path to a model's folder; the errors explain other files and folders.
package struct ModelLocation: Sendable {
  /// The path as given, or the snapshot of a model in the Hub's cache.
  package let directory: String

  /// Resolves a path.
  ///
  /// - Throws: ``SwiftletError/missingFile(reason:)`` if there is no folder, or no single snapshot.
  package init(_ path: String) throws(SwiftletError) {
    try ModelFiles.check(path)
    let isFolder: Bool
    do throws(FileError) {
      isFolder = try FileStatus.isFolder(path)
    } catch {
      guard error.isNotFound else { throw .missingFile(reason: error.description) }
      throw .missingFile(reason: Self.absence(of: path))
    }
    guard isFolder else { throw .missingFile(reason: ForeignFile(path).reason) }
    directory = try Self.snapshot(in: path) ?? path
  }

  /// Finds the model's parts in the folder.
  ///
  /// - Throws: ``SwiftletError`` for a folder that is not a model saved by transformers or
  ///   sentence-transformers, with an explanation of what it is; and what ``ModelFolder`` throws.
  package func folder() throws(SwiftletError) -> ModelFolder {
    try Self.check(directory)
    let folder = try ModelFolder(directory)
    if folder.transformer != directory { try Self.check(folder.transformer) }
    return folder
  }

  private static func check(_ directory: String) throws(SwiftletError) {
    let entries = ModelFiles.entries(of: directory)
    let folder = ForeignFolder(directory, entries)
    if let reason = folder.adapter { throw .unsupportedModel(reason: reason) }
    if let reason = folder.brokenLinks { throw .missingFile(reason: reason) }
    guard entries.contains("config.json") else {
      if entries.contains("modules.json") { return }
      throw folder.withoutConfiguration
    }
    if entries.contains(where: { ForeignFolder.knownWeights.contains($0) }) { return }
    if let error = folder.withoutWeights { throw error }
  }

  // MARK: The Hub

  /// Explains a missing path, which may be the name of a model of the Hub.
  private static func absence(of path: String) -> String {
    if path.hasPrefix("~") {
      return
        "there is no folder \(path); the shell expands ~ only without quotes"
    }
    var name = path[...]
    for address in ["https://huggingface.co/", "https://hf.co/", "hf://"]
    where name.hasPrefix(address) {
      name = name.dropFirst(address.count)
      // The rest of the address is a revision or a file.
      name = name.split(separator: "/").prefix(2).joined(separator: "/")[...]
    }
    guard isHubName(name) else { return "there is no folder \(path); check the path" }
    let folder = name.split(separator: "/").last.map(String.init) ?? "model"
    return
      "there is no folder \(path); if it is the name of a model of the Hugging Face Hub, download "
      + "it first: hf download \(name) --local-dir \(folder); builds with --traits Hub, as \"make "
      + "install\" makes them, download models by name"
  }

  /// Returns whether a name is `org/name`, or only a name, as the first models have.
  private static func isHubName(_ name: Substring) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return false }
    return parts.allSatisfy { part in
      part.first.map { $0.isLetter || $0.isNumber } == true
        && part.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
          default: false
          }
        }
    }
  }

  /// Returns the snapshot of a model's folder in the Hub's cache: that of `refs/main`, or the only
  /// one; nil for any other folder.
  private static func snapshot(in path: String) throws(SwiftletError) -> String? {
    let entries = ModelFiles.entries(of: path)
    guard entries.contains("snapshots"), !entries.contains("config.json") else { return nil }
    let folder = ModelFiles.path("snapshots", in: path)
    let snapshots = ModelFiles.entries(of: folder).sorted()
    if let main = try ModelFiles.contents(of: "refs/main", in: path, limit: 4096) {
      let name = withExtendedLifetime(main) { String(decoding: main.bytes, as: UTF8.self) }
        .split(whereSeparator: \.isWhitespace).first.map(String.init)
      if let name, snapshots.contains(name) { return ModelFiles.path(name, in: folder) }
    }
    if snapshots.count == 1 { return ModelFiles.path(snapshots[0], in: folder) }
    guard !snapshots.isEmpty else {
      throw .missingFile(
        reason: "\(path) is a model in the Hub's cache without a snapshot; download it again with "
          + "\"hf download\"")
    }
    throw .missingFile(
      reason:
        "\(path) is a model in the Hub's cache with \(snapshots.count) snapshots and no valid "
        + "refs/main; name one: "
        + snapshots.prefix(4).map { ModelFiles.path($0, in: folder) }.joined(separator: ", "))
  }
}
