import Glibc

/// Writes whole buffers to descriptors and new files.
package enum FileWriting {
  /// Writes all bytes; waits while a non-blocking descriptor is full. `path` is for the error.
  package static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
  ) throws(FileError) {
    guard write(bytes, to: descriptor) == bytes.count else { throw FileError("write", path: path) }
  }

  /// Writes all bytes; returns the number written, which is smaller only after an error in `errno`.
  package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&request, 1, -1)
      } else if errno != EINTR {
        break
      }
    }
    return bytes.count - rest.count
  }

  /// Creates a file, which must not exist, writes it and syncs it.
  package static func create(_ path: String, with bytes: UnsafeRawBufferPointer) throws(FileError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("create", path: path) }
    defer { close(descriptor) }
    try write(bytes, to: descriptor, path: path)
    guard fsync(descriptor) == 0 else { throw FileError("sync", path: path) }
  }
}
