import Glibc
import SwiftletSystem

/// A temporary file without a name, for output whose first bytes are known last.
///
/// It is in the folder `TMPDIR`, by default `/tmp`. The system deletes it with the process.
final class SpoolFile {
  let descriptor: Int32

  private static let bufferSize = 256 * 1024

  init() throws(FileError) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    var path = Array("\(folder.isEmpty ? "/tmp" : folder)/.swiftlet-XXXXXX".utf8CString)
    descriptor = mkstemp(&path)
    guard descriptor >= 0 else {
      throw FileError("create", path: "a temporary file in \(folder.isEmpty ? "/tmp" : folder)")
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(path)
  }

  deinit { close(descriptor) }

  /// Writes the whole file to another descriptor, which is called `path` in errors.
  func copy(to destination: Int32, path: String) throws(FileError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 16)
    defer { buffer.deallocate() }
    var offset = 0
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError("read", path: "the temporary file") }
      guard count > 0 else { return }
      let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer).prefix(count))
      try FileWriting.write(bytes, to: destination, path: path)
      offset += count
    }
  }
}
