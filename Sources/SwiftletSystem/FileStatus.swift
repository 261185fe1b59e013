import Glibc

/// Queries about a path that do not open the file.
package enum FileStatus {
  /// Returns whether the path exists, even if it is unreadable.
  package static func exists(_ path: String) -> Bool {
    do throws(FileError) {
      _ = try status(of: path)
      return true
    } catch {
      return !error.isNotFound
    }
  }

  /// Returns whether the path is a folder or a link to one.
  package static func isFolder(_ path: String) throws(FileError) -> Bool {
    try status(of: path).st_mode & S_IFMT == S_IFDIR
  }

  private static func status(of path: String) throws(FileError) -> stat {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError("find", path: path) }
    return status
  }
}
