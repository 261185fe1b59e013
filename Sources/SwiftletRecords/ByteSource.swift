import Glibc
import SwiftletSystem

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
  private(set) var isAtEnd = false

  static let bufferSize = 64 * 1024
  /// Milliseconds that ``lookAhead()`` waits for more from a pipe that has brought a whole line.
  private static let patience: Int32 = 100

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
  ///
  /// - Throws: at the beginning of a file, if its bytes are those of another kind of file
  func fill() throws(RecordError) -> Bool {
    guard unread.isEmpty else { return true }
    let isFirst = received == 0
    unread = 0..<0
    guard try receive() else { return false }
    if isFirst { try checkBeginning() }
    guard unread.isEmpty else { return true }
    unread = 0..<0
    return try receive()
  }

  /// Fills the buffer behind the bytes at hand and returns all of them, for a decision that needs
  /// more than the next byte.
  ///
  /// A pipe that pauses after a whole line is not waited for, so that what comes line by line is
  /// answered line by line.
  func lookAhead() throws(RecordError) -> UnsafeBufferPointer<UInt8> {
    guard try fill() else { return window }
    let kept = unread.count
    if unread.lowerBound > 0, let base = buffer.baseAddress {
      memmove(base, base + unread.lowerBound, kept)
      unread = 0..<kept
    }
    while unread.count < buffer.count, totalBytes != nil || !hasPaused() {
      guard try receive() else { break }
    }
    return window
  }

  /// Whether the bytes at hand hold a whole line and no others come for now.
  private func hasPaused() -> Bool {
    guard window.firstIndex(ofByte: UInt8(ascii: "\n")) != nil else { return false }
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, Self.patience) == 0
  }

  /// Skips a byte order mark, and refuses what is not text in UTF-8. A pipe may bring the bytes one
  /// by one.
  private func checkBeginning() throws(RecordError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    while (unread.count < mark.count && mark.starts(with: window)) || ForeignFormat.mayBegin(window)
    {
      guard try receive() else { break }
    }
    if let format = ForeignFormat(signatureOf: window) {
      throw .foreignFormat(file: name, format)
    }
    if let encoding = EncodingGuess(beginningOf: window) {
      throw .foreignEncoding(file: name, encoding)
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
