import Glibc
import SwiftletSystem

/// Reads the bytes of a file or of standard input, decompressed if asked.
final class RawInput {
  /// The file's name in messages.
  let name: String
  /// The number of bytes in the file from the start of reading, still compressed; nil for a pipe or
  /// a terminal.
  let totalBytes: Int?

  private let descriptor: Int32
  private let isOwned: Bool
  /// Where reading started; used for regular files only.
  private let start: off_t
  private var received = 0
  /// The program that decompresses the file.
  private var unpacking: Unpacking?

  /// Opens `path`, or standard input for `-`.
  init(path: String) throws(RecordError) {
    isOwned = path != "-"
    name = isOwned ? path : "<stdin>"
    descriptor = isOwned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
    guard descriptor >= 0 else { throw .file(FileError("open", path: name)) }
    start = max(0, lseek(descriptor, 0, SEEK_CUR))
    do throws(FileError) {
      totalBytes = try Self.remainingBytes(descriptor, name: name, start: start)
    } catch {
      if isOwned { close(descriptor) }
      throw .file(error)
    }
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  private static func remainingBytes(
    _ descriptor: Int32, name: String, start: off_t
  ) throws(FileError) -> Int? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError("inspect", path: name) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw FileError("read", path: name, code: EISDIR)
    case S_IFREG: return max(0, Int(status.st_size) - Int(start))
    default: return nil
    }
  }

  var isDecompressed: Bool { unpacking != nil }

  /// The number of bytes of the file that have been read.
  var bytesRead: Int {
    guard let unpacking else { return received }
    // The decompressor moves the position of the descriptor that it shares.
    guard let totalBytes else { return unpacking.bytesFed }
    return min(totalBytes, max(0, Int(lseek(descriptor, 0, SEEK_CUR)) - Int(start)))
  }

  /// Reads up to `buffer.count` bytes; returns 0 at the end.
  ///
  /// - Throws: At the end also if the decompressor failed.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(RecordError) -> Int {
    while true {
      let count = Glibc.read(unpacking?.output ?? descriptor, buffer.baseAddress, buffer.count)
      if count > 0 {
        received += count
        return count
      }
      if count == 0 {
        try unpacking?.finish()
        return 0
      }
      guard errno == EINTR else { throw .file(FileError("read", path: name)) }
    }
  }

  /// Returns whether bytes arrive, or the file ends, within some milliseconds.
  func isReady(within milliseconds: Int32) -> Bool {
    var request = pollfd(
      fd: unpacking?.output ?? descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, milliseconds) != 0
  }

  /// Reads the file through the program for its compression from now on; `beginning` are the bytes
  /// that have been read.
  func decompress(
    _ compression: Compression, _ beginning: UnsafeBufferPointer<UInt8>
  ) throws(RecordError) {
    do throws(ChildProcessError) {
      if totalBytes != nil, lseek(descriptor, start, SEEK_SET) == start {
        unpacking = Unpacking(
          try compression.decompress(.descriptor(descriptor)), compression, file: name)
      } else {
        let child = try compression.decompress(.pipe)
        let feeder = try PipeFeeder(from: descriptor, to: child, beginning: Array(beginning))
        unpacking = Unpacking(child, compression, file: name, feeder: feeder)
      }
    } catch {
      throw .decompression(file: name, compression, error)
    }
  }
}

/// A decompressor at work.
private final class Unpacking {
  private let child: ChildProcess
  private let compression: Compression
  private let file: String
  /// Feeds the child with what can't be read from a descriptor.
  private let feeder: PipeFeeder?

  init(
    _ child: ChildProcess, _ compression: Compression, file: String, feeder: PipeFeeder? = nil
  ) {
    self.child = child
    self.compression = compression
    self.file = file
    self.feeder = feeder
  }

  /// The pipe with the decompressed bytes.
  var output: Int32? { child.output }

  var bytesFed: Int { feeder?.byteCount ?? 0 }

  /// Waits for the child; throws if it failed, or if its input could not be read.
  func finish() throws(RecordError) {
    if let code = feeder?.failure { throw .file(FileError("read", path: file, code: code)) }
    do throws(ChildProcessError) { try child.wait() } catch {
      throw .decompression(file: file, compression, error)
    }
  }
}

/// Copies a pipe to a child process on a thread of its own, after bytes that were read from it.
private final class PipeFeeder: @unchecked Sendable {
  private let lock = ConditionLock()
  // Guarded by the lock.
  private var count = 0
  private var code: Int32?

  /// The number of bytes copied.
  var byteCount: Int { lock.withLock { count } }
  /// The error number of a failed read.
  var failure: Int32? { lock.withLock { code } }

  private static let bufferSize = 64 * 1024

  init(
    from source: Int32, to child: ChildProcess, beginning: [UInt8]
  ) throws(ChildProcessError) {
    // Copies, because the thread may outlast the reader and the child.
    let input = fcntl(source, F_DUPFD_CLOEXEC, 3)
    let output = fcntl(child.input ?? -1, F_DUPFD_CLOEXEC, 3)
    child.closeInput()
    guard input >= 0, output >= 0 else {
      throw .refused(program: child.program, code: errno)
    }
    let result = startThread { [self] in
      // A child that has ended is noticed by EPIPE.
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGPIPE)
      pthread_sigmask(SIG_BLOCK, &signals, nil)
      copy(from: input, to: output, beginning: beginning)
      close(input)
      close(output)
    }
    guard result == 0 else {
      close(input)
      close(output)
      throw .refused(program: child.program, code: result)
    }
  }

  private func copy(from input: Int32, to output: Int32, beginning: [UInt8]) {
    var buffer = beginning
    var count = beginning.count
    repeat {
      let written = buffer.withUnsafeBytes {
        FileWriting.write(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: output)
      }
      lock.withLock { self.count += written }
      guard written == count else { return }
      if buffer.count < Self.bufferSize { buffer = Array(repeating: 0, count: Self.bufferSize) }
      repeat {
        count = buffer.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
      } while count < 0 && errno == EINTR
      if count < 0 {
        let code = errno
        lock.withLock { self.code = code }
      }
    } while count > 0
  }
}
