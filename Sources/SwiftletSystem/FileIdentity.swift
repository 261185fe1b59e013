import Glibc

/// Device and inode of a file or folder: equal for all paths and links to it.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  package let isRegularFile: Bool

  /// Identifies the file at `path`, links followed; nil if there is none or `stat` fails.
  package init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Identifies the file of an open descriptor; nil if `fstat` fails.
  package init?(of descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    isRegularFile = status.st_mode & S_IFMT == S_IFREG
  }

  /// Returns whether `path`, which need not exist yet, is inside this folder at any depth; false
  /// for the folder itself.
  package func contains(_ path: String) -> Bool {
    // A path that does not exist has no real path, but its parent may.
    var place = Self.realPath(path) ?? Self.realPath(Self.parent(of: path)).map { $0 + "/." }
    while let child = place, child != "/" {
      let folder = Self.parent(of: child)
      if FileIdentity(of: folder) == self { return true }
      place = folder
    }
    return false
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// Returns `.` for a name in the current directory.
  private static func parent(of path: String) -> String {
    var path = path[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
