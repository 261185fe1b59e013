import Glibc
import SwiftletSystem

/// The files of a model's folder.
enum ModelFiles {
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
    of name: String, in directory: String, limit: Int = FileContents.maxSettingsBytes
  ) throws(SwiftletError) -> FileContents? {
    do throws(FileError) {
      return try FileContents(path: path(name, in: directory), loading: .read, limit: limit)
    } catch {
      if error.isNotFound { return nil }
      throw .missingFile(reason: error.description)
    }
  }

  /// The names in a directory, in no order; none if there is no directory to list.
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

  /// Whether a directory has a tokenizer's vocabulary.
  static func hasTokenizer(_ directory: String) -> Bool {
    ["tokenizer.json", "vocab.txt"].contains { identity(of: path($0, in: directory)) != nil }
  }

  /// The first bytes of a file; none if it can't be read.
  static func beginning(of path: String, count: Int) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, read(descriptor, buffer.baseAddress, count))
    }
  }

  /// The bytes of all safetensors files of a directory.
  static func weightBytes(in directory: String) -> Int {
    entries(of: directory).filter { $0.hasSuffix(".safetensors") }
      .reduce(0) { $0 + size(of: path($1, in: directory)) }
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
