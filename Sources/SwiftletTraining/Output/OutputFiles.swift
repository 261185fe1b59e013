import Glibc
import SwiftletJSON
import SwiftletSystem

/// Small operations on the files of an output folder, with this module's errors.
enum OutputFiles {
  /// The largest size of a file that is read as a whole.
  private static let limit = 1 << 30

  static func path(_ name: String, in folder: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// The names in a folder, sorted; nil if it is missing.
  static func names(in folder: String) -> [String]? {
    guard let directory = opendir(folder) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Reads a file of settings; returns nil if it does not exist.
  static func contents(of path: String) throws(TrainingError) -> FileContents? {
    do throws(FileError) {
      return try FileContents(path: path, loading: .read, limit: limit)
    } catch {
      if error.isNotFound { return nil }
      throw TrainingError(reading: error)
    }
  }

  /// Reads a JSON file; returns nil if it does not exist.
  static func json(_ path: String) throws(TrainingError) -> JSONValue? {
    guard let file = try contents(of: path) else { return nil }
    do throws(JSONError) {
      return try withExtendedLifetime(file) { () throws(JSONError) in
        try JSONValue(file.bytes.assumingMemoryBound(to: UInt8.self), rules: .python)
      }
    } catch {
      throw .unreadable(reason: "\(path) is not valid JSON: \(error.description)")
    }
  }

  /// Runs an operation that writes.
  static func writing<Value>(
    _ operation: () throws(FileError) -> Value
  ) throws(TrainingError) -> Value {
    do throws(FileError) {
      return try operation()
    } catch {
      throw TrainingError(writing: error)
    }
  }

  /// Writes a new file into a staged folder.
  static func write(
    _ bytes: [UInt8], to name: String, in folder: StagedFolder
  ) throws(TrainingError) {
    try writing { () throws(FileError) in
      try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try folder.write(UnsafeRawBufferPointer(bytes), to: name)
      }
    }
  }

  /// Links a file into a staged folder of the same file system, or copies it where links are refused.
  static func link(
    _ path: String, to name: String, in folder: StagedFolder
  ) throws(TrainingError) {
    let place = try writing { () throws(FileError) in try folder.place(of: name) }
    if Glibc.link(path, place) != 0 { try copy(path, to: name, in: folder) }
  }

  /// Copies a file of any size into a staged folder; returns whether it exists.
  @discardableResult
  static func copy(
    _ path: String, to name: String, in folder: StagedFolder
  ) throws(TrainingError) -> Bool {
    guard FileStatus.exists(path) else { return false }
    try writing { () throws(FileError) in try folder.copy(path, to: name) }
    return true
  }
}
