#if Hub
import Glibc

/// The free space of a file system.
enum DiskSpace {
  /// Throws if less than `bytes` are free in the folder of `path`.
  ///
  /// - Throws: ``HubError/unwritable(path:reason:)``, before a download that can't end well.
  static func check(_ bytes: Int, at path: String) throws(HubError) {
    var status = statvfs()
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard statvfs(folder, &status) == 0 else { return }
    let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
      by: UInt64(status.f_frsize))
    guard !overflow, bytes > 0, UInt64(bytes) > free else { return }
    throw .unwritable(
      path: path, reason: "the file needs \(bytes) more bytes, and \(free) are free on its disk")
  }
}
#endif
