import Glibc

/// Temporary names for what is about to be renamed: in the folder of the final name, so that renaming does
/// not cross file systems.
enum TemporarySibling {
  /// Calls `create` with random names until one is free. It returns nil, with `errno`, on failure.
  static func make<Result>(
    of path: String, _ create: (String) -> Result?
  ) throws(FileError) -> Result {
    for _ in 0..<16 {
      let tag = String(UInt64.random(in: 0...UInt64.max), radix: 36)
      if let result = create(folder(of: path) + "/.swiftlet-\(tag).tmp") { return result }
      guard errno == EEXIST || errno == EINTR else { throw FileError("create", path: path) }
    }
    throw FileError("create", path: path, code: EEXIST)
  }

  /// The folder that a path names an entry of: `.` for a name in the current directory.
  static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes a folder's entries durable. Some file systems can't, and their files are complete regardless.
  static func sync(folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
