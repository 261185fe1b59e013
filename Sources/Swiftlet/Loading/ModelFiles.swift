import Glibc
import SwiftletSystem

/// The files of a model's folder.
package enum ModelFiles {
  /// Throws ``SwiftletError/missingFile(reason:)`` for an empty path, which would be read as `/`.
  static func check(_ directory: String) throws(SwiftletError) {
    guard !directory.isEmpty else {
      throw .missingFile(reason: "the path of the model's folder is empty; give its path")
    }
  }

  static func path(_ name: String, in directory: String) -> String {
    directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  /// Reads a file; returns nil if it does not exist.
  static func contents(
    of name: String, in directory: String, limit: Int = FileContents.maxSettingsBytes,
    loading: FileLoading = .read
  ) throws(SwiftletError) -> FileContents? {
    do throws(FileError) {
      return try FileContents(path: path(name, in: directory), loading: loading, limit: limit)
    } catch {
      if error.isNotFound { return nil }
      throw .missingFile(reason: error.description)
    }
  }

  /// Returns the names in a directory, unsorted; empty if it can't be read.
  static func entries(of directory: String) -> [String] {
    guard let folder = opendir(directory) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Returns whether a directory has a tokenizer's vocabulary.
  static func hasTokenizer(_ directory: String) -> Bool {
    ["tokenizer.json", "vocab.txt"].contains { FileIdentity(of: path($0, in: directory)) != nil }
  }

  /// Returns the first bytes of a file; empty if it can't be read.
  static func beginning(of path: String, count: Int) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, read(descriptor, buffer.baseAddress, count))
    }
  }

  /// Returns the total size of the safetensors files in a directory, or else of PyTorch's.
  static func weightBytes(in directory: String) -> Int {
    entries(of: directory).filter { $0.hasSuffix(".safetensors") }
      .reduce(0) { $0 + size(of: path($1, in: directory)) }
  }

  static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }
}
