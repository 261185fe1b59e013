import Glibc
import SwiftletMemory

/// The files of a model's folder.
enum ModelFiles {
  /// All that a tokenizer may be made of; none is needed by itself.
  static let tokenizer = [
    "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json",
  ]

  /// - Throws: ``SwiftletError/missingFile(reason:)`` for a folder without a name, which would be `/`.
  static func check(_ directory: String) throws(SwiftletError) {
    guard !directory.isEmpty else {
      throw .missingFile(reason: "the name of the model's folder is empty; give its path")
    }
  }

  static func path(_ name: String, in directory: String) -> String {
    directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  /// The bytes of a file; nil if there is none of that name.
  static func contents(
    of name: String, in directory: String, limit: Int = FileContents.mostOfSettings
  ) throws(SwiftletError) -> FileContents? {
    do throws(FileError) {
      return try FileContents(path: path(name, in: directory), loading: .read, limit: limit)
    } catch {
      if error.isNotFound { return nil }
      throw .missingFile(reason: error.description)
    }
  }

  /// The bytes of all safetensors files of a directory.
  static func weightBytes(in directory: String) -> Int {
    guard let folder = opendir(directory) else { return 0 }
    defer { closedir(folder) }
    var sum = 0
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".safetensors") { sum += size(of: path(name, in: directory)) }
    }
    return sum
  }

  static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// What tells whether two paths name one thing; nil if there is nothing.
  static func identity(of path: String) -> [UInt64]? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return [UInt64(status.st_dev), UInt64(status.st_ino)]
  }
}
