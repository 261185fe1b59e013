import Glibc
import SwiftletMemory

/// A file's bytes in the order they come, through one buffer of fixed size.
final class ByteSource {
  /// The file in messages.
  let name: String
  /// Bytes from here to the end of the file; nil for a pipe or a terminal.
  let totalBytes: Int?

  private let descriptor: Int32
  private let isOwned: Bool
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private var unread: Range<Int> = 0..<0
  private var received = 0
  /// Kept, because a terminal would be asked again.
  private var isAtEnd = false

  static let bufferSize = 64 * 1024

  /// Opens `path`, or takes standard input for `-`, and leaves a byte order mark to be skipped by
  /// the first ``fill()``.
  init(path: String) throws(RecordError) {
    self.isOwned = path != "-"
    self.name = isOwned ? path : "<stdin>"
    self.descriptor = isOwned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
    guard descriptor >= 0 else { throw .file(FileError("open", path: name)) }
    do throws(FileError) {
      self.totalBytes = try Self.remainingBytes(descriptor, name: name)
    } catch {
      if isOwned { close(descriptor) }
      throw .file(error)
    }
    self.buffer = .allocate(capacity: Self.bufferSize)
  }

  deinit {
    buffer.deallocate()
    if isOwned { close(descriptor) }
  }

  private static func remainingBytes(
    _ descriptor: Int32,
    name: String
  ) throws(FileError) -> Int? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError("inspect", path: name) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw FileError("read", path: name, code: EISDIR)
    case S_IFREG: return max(0, Int(status.st_size) - max(0, Int(lseek(descriptor, 0, SEEK_CUR))))
    default: return nil
    }
  }

  /// Bytes consumed so far.
  var bytesRead: Int { received - unread.count }

  /// The bytes at hand, valid until the next ``fill()``; empty when more must be asked for.
  var window: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer[unread]) }

  func consume(_ count: Int) {
    unread = (unread.lowerBound + min(count, unread.count))..<unread.upperBound
  }

  /// Makes sure that the window holds something; false at the end of the file.
  func fill() throws(RecordError) -> Bool {
    guard unread.isEmpty else { return true }
    let isFirst = received == 0
    unread = 0..<0
    guard try receive() else { return false }
    if isFirst { try skipByteOrderMark() }
    guard unread.isEmpty else { return true }
    unread = 0..<0
    return try receive()
  }

  /// A pipe may bring the three bytes one by one.
  private func skipByteOrderMark() throws(RecordError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    while unread.count < mark.count, mark.starts(with: window) {
      guard try receive() else { return }
    }
    if window.starts(with: mark) { consume(mark.count) }
  }

  /// Appends what one `read` gives to the window.
  private func receive() throws(RecordError) -> Bool {
    while !isAtEnd {
      let free = UnsafeMutableBufferPointer(rebasing: buffer[unread.upperBound...])
      let count = read(descriptor, free.baseAddress, free.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .file(FileError("read", path: name))
      }
      isAtEnd = count == 0
      received += count
      unread = unread.lowerBound..<(unread.upperBound + count)
      return count > 0
    }
    return false
  }
}
