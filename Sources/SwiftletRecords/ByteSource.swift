import Glibc
import SwiftletSystem

/// Reads a file's bytes in order through one buffer of fixed size.
final class ByteSource {
  /// The file's name in messages.
  let name: String
  /// The number of bytes from the start of reading to the end; nil for a pipe or a terminal.
  let totalBytes: Int?

  private let descriptor: Int32
  private let isOwned: Bool
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private var unread: Range<Int> = 0..<0
  private var received = 0
  /// Stored, because reading a terminal again would wait for more input.
  private(set) var isAtEnd = false

  static let bufferSize = 64 * 1024
  /// Milliseconds that ``lookAhead()`` waits for more input after a whole line of a pipe.
  private static let pauseTimeout: Int32 = 100

  /// Opens `path`, or standard input for `-`.
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

  private static func remainingBytes(_ descriptor: Int32, name: String) throws(FileError) -> Int? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError("inspect", path: name) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw FileError("read", path: name, code: EISDIR)
    case S_IFREG: return max(0, Int(status.st_size) - max(0, Int(lseek(descriptor, 0, SEEK_CUR))))
    default: return nil
    }
  }

  /// The number of bytes consumed so far.
  var bytesRead: Int { received - unread.count }

  /// The buffered bytes, valid until the next ``fill()``.
  var window: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer[unread]) }

  func consume(_ count: Int) {
    unread = (unread.lowerBound + min(count, unread.count))..<unread.upperBound
  }

  /// Reads if the window is empty; returns false at the end of the file. The first call skips a
  /// byte order mark.
  ///
  /// - Throws: In the first call also if the file is not UTF-8 text.
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

  /// Fills the buffer after the unread bytes and returns all of them, for decisions that need more
  /// than the next byte.
  ///
  /// Stops when a pipe pauses after a whole line, so that line-by-line input is answered line by
  /// line.
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

  /// Returns whether the buffer holds a whole line and no input arrives within the timeout.
  private func hasPaused() -> Bool {
    guard window.firstIndex(ofByte: UInt8(ascii: "\n")) != nil else { return false }
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, Self.pauseTimeout) == 0
  }

  /// Skips a byte order mark; throws for other formats and encodings. A pipe may deliver single
  /// bytes.
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

  /// Appends the result of one `read` to the window; returns false at the end of the file.
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
