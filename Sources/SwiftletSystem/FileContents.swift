import Glibc

/// How a file is loaded into memory.
package enum FileLoading: Sendable {
  /// Mapped read-only: pages are loaded when they are touched, and shared between processes.
  case map
  /// Read in full: better on network file systems, where page faults are slow.
  case read
}

/// The bytes of a whole file, valid as long as this object lives.
///
/// Another process must not truncate a mapped file while it is in use. Writers that replace files
/// by renaming, as Swiftlet's do, never truncate.
package final class FileContents: @unchecked Sendable {
  /// The size limit of a settings file.
  package static let maxSettingsBytes = 64 << 20

  package let bytes: UnsafeRawBufferPointer
  package let path: String
  /// Whether the bytes are the file's own pages.
  package let isMapped: Bool

  /// Opens and loads a file.
  ///
  /// - Parameters:
  ///   - path: The path of a regular file. Pipes and devices, which may never end, are refused.
  ///   - loading: How the file is loaded.
  ///   - limit: The largest allowed size in bytes.
  /// - Throws: `FileError`: the system's code, `notRegular`, `EFBIG` beyond the limit, or a
  ///   ``StandIn`` for a file that was never downloaded.
  package init(path: String, loading: FileLoading = .map, limit: Int = .max) throws(FileError) {
    // Opening a FIFO blocks until a writer appears, hence O_NONBLOCK.
    var descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    // Another process holds a write lease on the file; a blocking open waits until it is released.
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

  /// Releases the memory of the whole pages within `range`, whose bytes must not be read again.
  ///
  /// Mapped pages can be faulted in again; bytes that were read are gone.
  package func release(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let address = Int(bitPattern: bytes.baseAddress)
    let first = (address + max(range.lowerBound, 0) + page - 1) / page * page
    let end = (address + min(range.upperBound, bytes.count)) / page * page
    guard first < end else { return }
    madvise(UnsafeMutableRawPointer(bitPattern: first), end - first, MADV_DONTNEED)
  }

  /// Releases all pages of a mapped file; the next access loads a page again.
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

  /// Reads to the end of the file; the size that the file system reports is a hint (0 under /proc).
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
