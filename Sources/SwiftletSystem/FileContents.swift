import Glibc

/// How a file's bytes come into memory.
package enum FileLoading: Sendable {
  /// Mapped read-only: pages come in when they are touched, and are shared between processes.
  case map
  /// Read in full: the right way on network file systems, where faulting pages in is slow.
  case read
}

/// The bytes of a whole file, immutable, kept as long as this object lives.
///
/// A mapped file must not be truncated by another process while it is in use; writers that replace
/// files by renaming, as Swiftlet's do, never cause that.
package final class FileContents: @unchecked Sendable {
  /// The most bytes of a file of settings, which is read before anything is known of it.
  package static let maxSettingsBytes = 64 << 20

  package let bytes: UnsafeRawBufferPointer
  package let path: String
  /// Whether the bytes are the file's own pages.
  package let isMapped: Bool

  /// - Parameters:
  ///   - path: The name of a regular file. Pipes and devices, which may never end, are refused.
  ///   - loading: How its bytes come into memory.
  ///   - limit: The most bytes that it may have.
  /// - Throws: `FileError`: the system's, `notRegular`, `EFBIG` beyond the limit, or what a
  ///   ``StandIn`` makes of a file that was never downloaded.
  package init(
    path: String, loading: FileLoading = .map, limit: Int = .max
  ) throws(FileError) {
    // Nobody may ever write into a pipe, and opening it would wait for that.
    var descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    // A file that another process has leased for writing: it is about to give it back.
    if descriptor < 0, errno == EWOULDBLOCK { descriptor = open(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileError("open", path: path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError("inspect", path: path) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw FileError("read", path: path, code: EISDIR)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError("read", path: path, code: FileError.notRegular)
    }
    guard status.st_size <= limit else { throw FileError("read", path: path, code: EFBIG) }
    self.path = path
    if loading == .map, status.st_size > 0 {
      self.bytes = try Self.map(descriptor, count: Int(status.st_size), path: path)
      self.isMapped = true
    } else {
      self.bytes = try Self.readToEnd(
        descriptor, expected: Int(status.st_size), limit: limit, path: path)
      self.isMapped = false
    }
    if let standIn = StandIn(bytes) {
      throw FileError("read", path: path, code: standIn.rawValue)
    }
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    } else {
      bytes.baseAddress.map { free(UnsafeMutableRawPointer(mutating: $0)) }
    }
  }

  /// Gives back the memory of the whole pages within `range`, whose bytes must not be read again.
  ///
  /// Of a mapped file they would only come in anew; of one that was read they are lost.
  package func release(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let address = Int(bitPattern: bytes.baseAddress)
    let first = (address + max(range.lowerBound, 0) + page - 1) / page * page
    let end = (address + min(range.upperBound, bytes.count)) / page * page
    guard first < end else { return }
    madvise(UnsafeMutableRawPointer(bitPattern: first), end - first, MADV_DONTNEED)
  }

  /// Takes all pages of a mapped file out of the process; those that are read again come back.
  package func releaseMappedPages() {
    if isMapped { release(0..<bytes.count) }
  }

  private static func map(
    _ descriptor: Int32, count: Int, path: String
  ) throws(FileError) -> UnsafeRawBufferPointer {
    guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      base != MAP_FAILED
    else { throw FileError("map", path: path, bytes: count) }
    madvise(base, count, MADV_WILLNEED)
    return UnsafeRawBufferPointer(start: base, count: count)
  }

  /// Reads until the end, whatever size the file system claimed (of /proc it claims none).
  private static func readToEnd(
    _ descriptor: Int32, expected: Int, limit: Int, path: String
  ) throws(FileError) -> UnsafeRawBufferPointer {
    var capacity = max(expected + 1, 4096)
    var count = 0
    guard var buffer = malloc(capacity) else {
      throw FileError("read", path: path, code: ENOMEM, bytes: capacity)
    }
    while true {
      if count == capacity {
        capacity *= 2
        guard let larger = realloc(buffer, capacity) else {
          free(buffer)
          throw FileError("read", path: path, code: ENOMEM, bytes: capacity)
        }
        buffer = larger
      }
      let received = Glibc.read(descriptor, buffer + count, capacity - count)
      if received == 0 { return UnsafeRawBufferPointer(start: buffer, count: count) }
      if received < 0 {
        if errno == EINTR { continue }
        let code = errno
        free(buffer)
        throw FileError("read", path: path, code: code)
      }
      count += received
      if count > limit {
        free(buffer)
        throw FileError("read", path: path, code: EFBIG)
      }
    }
  }
}
