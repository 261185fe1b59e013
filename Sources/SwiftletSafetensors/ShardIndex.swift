import SwiftletJSON
import SwiftletSystem

/// `model.safetensors.index.json`, or the index of another format: which shard holds which tensor. Other
/// fields are ignored.
package struct ShardIndex {
  private let path: String
  private let shards: [(tensor: String, shard: String)]

  /// Reads the index; nil if there is no file at `path`.
  package init?(path: String) throws(SafetensorsError) {
    let contents: FileContents
    do throws(SafetensorsError) {
      contents = try FileContents.open(path, loading: .read, limit: 1 << 28)
    } catch {
      if case .fileNotFound = error { return nil }
      throw error
    }
    self.path = path
    do throws(JSONError) {
      self.shards = try Self.parse(contents.bytes.assumingMemoryBound(to: UInt8.self))
    } catch {
      throw .invalidIndex(file: path, reason: "\(error)")
    }
    withExtendedLifetime(contents) {}
    for (tensor, shard) in shards where !Self.isPlainName(shard) {
      throw .invalidShardName(file: path, tensor: tensor, shard: shard)
    }
  }

  private static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) -> [(tensor: String, shard: String)] {
    var reader = try JSONReader(bytes)
    var shards: [(tensor: String, shard: String)]?
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      guard key == "weight_map" else {
        try reader.skipValue()
        continue
      }
      var map = try reader.beginObject()
      var entries: [(tensor: String, shard: String)] = []
      while let tensor = try reader.nextKey(in: &map) {
        let name = tensor.string
        entries.append((name, try reader.readString()))
      }
      shards = entries
    }
    try reader.finish()
    guard let shards else {
      throw .unexpectedByte(
        UInt8(ascii: "}"),
        expected: "weight_map",
        offset: reader.offset - 1
      )
    }
    return shards
  }

  /// Returns whether `shard` is the name of a file in the index's own directory.
  private static func isPlainName(_ shard: String) -> Bool {
    !shard.isEmpty && shard != "." && shard != ".."
      && !shard.utf8.contains(UInt8(ascii: "/")) && !shard.utf8.contains(0)
  }

  /// Opens every shard and checks that it holds its tensors; the error lists all missing shards.
  ///
  /// - Parameters:
  ///   - directory: The folder of the shards, with a slash at the end.
  ///   - convert: Makes the caller's error of an error of the index.
  ///   - open: Opens the file at a path; returns nil if it does not exist.
  ///   - holds: Whether a file has the tensor with a name.
  /// - Returns: The files sorted by name, and for each tensor of the index the file that holds it.
  /// - Throws: What `open` throws; `missingShards` and `tensorNotInShard`, converted.
  package func openShards<File, Failure: Error>(
    directory: String, converting convert: (SafetensorsError) -> Failure,
    open: (String) throws(Failure) -> File?, holds: (File, String) -> Bool
  ) throws(Failure) -> (files: [File], fileIndices: [ExactName: Int]) {
    var files: [File] = []
    var positions: [ExactName: Int] = [:]
    var missing: [String] = []
    for name in Set(shards.map { ExactName($0.shard) }).sorted(by: <) {
      let path = directory + name.name
      if let file = try open(path) {
        positions[name] = files.count
        files.append(file)
      } else {
        missing.append(name.name)
      }
    }
    guard missing.isEmpty else { throw convert(.missingShards(file: path, shards: missing)) }
    var fileIndices: [ExactName: Int] = [:]
    for (tensor, shard) in shards {
      guard let position = positions[ExactName(shard)], holds(files[position], tensor)
      else { throw convert(.tensorNotInShard(file: path, tensor: tensor, shard: shard)) }
      fileIndices[ExactName(tensor)] = position
    }
    return (files, fileIndices)
  }
}
