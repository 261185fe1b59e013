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
    try create(path) { (descriptor) throws(FileError) in
      try write(bytes, to: descriptor, path: path)
    }
  }

  /// Copies a regular file of any size to a path that must not exist, and syncs the copy. Memory does not
  /// grow with the size.
  package static func copy(_ source: String, to path: String) throws(FileError) {
    let input = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard input >= 0 else { throw FileError("open", path: source) }
    defer { close(input) }
    var status = stat()
    guard fstat(input, &status) == 0 else { throw FileError("inspect", path: source) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError("read", path: source, code: FileError.notRegular)
    }
    try create(path) { (output) throws(FileError) in
      try copy(input, source, to: output, path)
    }
  }

  /// Bytes that are copied at a time.
  private static let blockBytes = 1 << 20

  private static func copy(
    _ input: Int32, _ source: String, to output: Int32, _ path: String
  ) throws(FileError) {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockBytes, alignment: 16)
    defer { block.deallocate() }
    while true {
      let count = read(input, block.baseAddress, block.count)
      if count == 0 { return }
      if count > 0 {
        try write(UnsafeRawBufferPointer(rebasing: block[..<count]), to: output, path: path)
      } else if errno != EINTR {
        throw FileError("read", path: source)
      }
    }
  }

  private static func create(
    _ path: String, _ fill: (_ descriptor: Int32) throws(FileError) -> Void
  ) throws(FileError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("create", path: path) }
    defer { close(descriptor) }
    try fill(descriptor)
    guard fsync(descriptor) == 0 else { throw FileError("sync", path: path) }
  }
}
