import Glibc
import SwiftletSystem

/// The destination of results: standard output, or a file that appears only when it is complete.
final class OutputSink {
  /// A regular file is written under a temporary name, and renamed by ``finish()``.
  private struct Replacement {
    let temporary: String
    let destination: String
  }

  let name: String
  private let descriptor: Int32
  /// Replaces a regular file in ``finish()``; nil for standard output, a pipe or a device.
  private var file: StagedFile?
  private var buffer: [UInt8] = []

  /// Buffered bytes that cause a flush.
  private static let bufferLimit = 256 * 1024

  /// Standard output.
  init() {
    name = "standard output"
    descriptor = STDOUT_FILENO
  }

  /// A file; an existing one that is not a regular file (a pipe, a device) is written directly.
  init(path: String) throws(CommandFailure) {
    name = path
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw CommandFailure("cannot write \(path): it is a directory", .cannotCreate)
    }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      replacement = nil
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
    } else {
      // Renaming onto a symbolic link would replace the link, not the file it names.
      let destination = Self.resolved(path)
      let temporary = "\(destination).\(getpid()).partial"
      replacement = Replacement(temporary: temporary, destination: destination)
      descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      // The new file has the permissions of the old one, whatever the umask.
      if exists, descriptor >= 0 { fchmod(descriptor, status.st_mode & 0o777) }
    }
  }

  /// Deletes a temporary file that ``finish()`` did not rename.
  deinit {
    discard()
  }

  func write(_ bytes: [UInt8]) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferLimit { try flush() }
  }

  func write(_ text: String) throws {
    try write(Array(text.utf8))
  }

  /// Writes all buffered bytes.
  func flush() throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    do throws(FileError) {
      try buffer.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try FileWriting.write(UnsafeRawBufferPointer(bytes), to: descriptor, path: name)
      }
    } catch {
      if error.code == EPIPE { throw ClosedPipe() }
      throw CommandFailure("cannot write \(name): \(error.reason)", .inputOutput)
    }
  }

  /// Whether ``overwriteStart(with:)`` is possible.
  var isSeekable: Bool { lseek(descriptor, 0, SEEK_CUR) >= 0 }

  /// Overwrites the first bytes of a file, which must already have that many.
  func overwriteStart(with bytes: [UInt8]) throws {
    try flush()
    let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard count == bytes.count else {
      throw CommandFailure("cannot write \(name): \(Self.systemReason())", .inputOutput)
    }
  }

  /// Writes the rest, and gives a file its final name, replacing a file of that name.
  func finish() throws {
    try flush()
    guard let replacement else { return }
    isOpen = false
    // Synced before it is renamed: a crash leaves the old file or the new one.
    guard fsync(descriptor) == 0, close(descriptor) == 0,
      rename(replacement.temporary, replacement.destination) == 0
    else {
      let reason = Self.systemReason()
      unlink(replacement.temporary)
      throw CommandFailure("cannot write \(name): \(reason)", .inputOutput)
    }
  }

  /// Deletes the temporary file, unless it is committed.
  private func discard() {
    guard file != nil else { return }
    file = nil
    SignalWatch.deleteOnExit(nil)
  }

  /// The file that a chain of links names, whether it exists or not.
  private static func resolved(_ path: String) -> String {
    if let real = realpath(path, nil) {
      defer { free(real) }
      return String(cString: real)
    }
    var path = path
    for _ in 0..<40 {
      guard let target = target(of: path) else { break }
      path = target
    }
    return path
  }

  /// The path in a link; nil for other files.
  private static func target(of path: String) -> String? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &target, target.count)
    guard count > 0 else { return nil }
    let name = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard !name.hasPrefix("/"), let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      return name
    }
    return path[...slash] + name
  }

  private static func systemReason() -> String { String(cString: strerror(errno)) }
}

/// Prints a line on standard error, and ignores errors.
func printMessage(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
