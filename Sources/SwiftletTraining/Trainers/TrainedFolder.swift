import Glibc
import SwiftletSystem

/// The folder of a trained model; a temporary one is deleted with the object.
final class TrainedFolder: Sendable {
  let path: String
  private let temporary: String?

  /// A folder that exists.
  init(existing path: String) { (self.path, temporary) = (path, nil) }

  /// Makes a temporary folder unless there is a path.
  init(_ path: String?) throws(TrainingError) {
    if let path {
      (self.path, temporary) = (path, nil)
      return
    }
    let root = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(root)/swiftlet-training-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template).map({ String(cString: $0) }) else {
      throw TrainingError(writing: FileError("create", path: root))
    }
    (self.path, temporary) = (made + "/model", made)
  }

  deinit { if let temporary { Self.remove(temporary) } }

  private static func remove(_ folder: String) {
    for name in OutputFiles.names(in: folder) ?? [] {
      let path = OutputFiles.path(name, in: folder)
      if unlink(path) != 0 { remove(path) }
    }
    rmdir(folder)
  }

  func copy(to directory: String) throws(TrainingError) {
    let staged = try OutputFiles.writing { () throws(FileError) in
      try StagedFolder(destination: directory)
    }
    try copy(path, "", to: staged)
    try OutputFiles.writing { () throws(FileError) in try staged.commit(replacing: false) }
  }

  private func copy(
    _ folder: String, _ prefix: String, to staged: StagedFolder
  ) throws(TrainingError) {
    for name in OutputFiles.names(in: folder) ?? [] {
      let source = OutputFiles.path(name, in: folder)
      if OutputFiles.names(in: source) != nil {
        try copy(source, prefix + name + "/", to: staged)
      } else {
        try OutputFiles.copy(source, to: prefix + name, in: staged)
      }
    }
  }
}
