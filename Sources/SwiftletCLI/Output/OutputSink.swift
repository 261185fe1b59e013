import Glibc
import SwiftletSystem

/// The destination of results: standard output, or a file that appears only when it is complete.
final class OutputSink {
  let name: String
  private let descriptor: Int32
  /// Replaces a regular file in ``finish()``; nil for standard output, a pipe or a device.
  private var file: StagedFile?
  /// Compresses what is written to the file.
  private var compressor: ChildProcess?
  /// Holds all output until ``finish()``, if its start is known last.
  private var spool: SpoolFile?
  /// Keeps the rows of an incomplete run, instead of ``file``.
  private var partial: PartialOutput?
  private var buffer: [UInt8] = []

  /// Buffered bytes that cause a flush.
  private static let bufferLimit = 256 * 1024

  /// Standard output.
  init() {
    name = "standard output"
    descriptor = STDOUT_FILENO
  }

  /// A file; an existing one that is not a regular file (a pipe, a device) is written directly.
  ///
  /// A program of the system compresses a file whose name ends as one of a ``Compression``.
  init(path: String) throws(CommandFailure) {
    name = path
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw CommandFailure("cannot write \(path): it is a directory", .cannotCreate)
    }
    do throws(FileError) {
      if exists, status.st_mode & S_IFMT != S_IFREG {
        descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("write", path: path) }
      } else {
        // The destination is resolved because renaming onto a symbolic link would replace the link. Users
        // who could read the old file can read the new one, whatever the mask of new files is.
        let file = try StagedFile(
          replacing: Self.resolved(path), permissions: exists ? status.st_mode & 0o777 : nil)
        descriptor = file.descriptor
        self.file = file
        SignalWatch.deleteOnExit(file.temporaryPath)
      }
    } catch {
      throw CommandFailure("cannot write \(path): \(error.reason)", .cannotCreate)
    }
    guard let compression = Compression(path: path) else { return }
    do throws(ChildProcessError) {
      compressor = try compression.compress(to: descriptor)
    } catch {
      let reason = compression.description(of: error, on: path)
      throw CommandFailure(
        "cannot write \(reason), or name a file without the suffix", .cannotCreate)
    }
  }

  /// The file of a run that can be resumed; it keeps what is written unless ``finish()`` renames it.
  init(_ partial: PartialOutput) {
    name = partial.name
    descriptor = partial.file.descriptor
    self.partial = partial
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

  /// Hands everything to the system.
  func flush() throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    try reporting { () throws(FileError) in
      try buffer.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try FileWriting.write(UnsafeRawBufferPointer(bytes), to: target, path: name)
      }
    }
  }

  /// Where bytes are written for now.
  private var target: Int32 { spool?.descriptor ?? compressor?.input ?? descriptor }

  /// Calls `write`; a closed pipe is the end of the compressing program or of the reader.
  private func reporting(_ write: () throws(FileError) -> Void) throws {
    do throws(FileError) {
      try write()
    } catch {
      if error.code == EPIPE {
        try endCompression()
        throw ClosedPipe()
      }
      let place = spool == nil ? name : "the temporary file for \(name), whose folder TMPDIR names"
      throw CommandFailure("cannot write \(place): \(error.reason)", .inputOutput)
    }
  }

  /// Waits until the compressing program has written the rest.
  private func endCompression() throws {
    guard let compressor else { return }
    self.compressor = nil
    do throws(ChildProcessError) {
      try compressor.wait()
    } catch {
      throw CommandFailure("cannot write \(name): \(error)", .inputOutput)
    }
  }

  /// Makes ``overwriteStart(with:)`` possible: output that cannot be written again is held in a
  /// temporary file until ``finish()``.
  ///
  /// - Throws: `CommandFailure` without room for a temporary file.
  func prepareToOverwriteStart() throws(CommandFailure) {
    guard compressor != nil || file == nil && partial == nil && !isAtStart else { return }
    do throws(FileError) {
      spool = try SpoolFile()
    } catch {
      throw CommandFailure("cannot write \(name): \(error)", .cannotCreate)
    }
  }

  /// Whether the output is a file without contents so far. Writes to a file that is opened to append go
  /// to its end, wherever they are meant to go.
  private var isAtStart: Bool {
    fcntl(descriptor, F_GETFL) & O_APPEND == 0 && lseek(descriptor, 0, SEEK_CUR) == 0
  }

  /// Overwrites the first bytes, which must be as many; call ``prepareToOverwriteStart()`` first.
  func overwriteStart(with bytes: [UInt8]) throws {
    try flush()
    let count = bytes.withUnsafeBytes { pwrite(target, $0.baseAddress, $0.count, 0) }
    guard count == bytes.count else {
      throw CommandFailure("cannot write \(name): \(Self.systemReason())", .inputOutput)
    }
  }

  /// Writes the rest; a file replaces the old one now.
  func finish() throws {
    try flush()
    defer { discard() }
    if let spool {
      self.spool = nil
      try reporting { () throws(FileError) in try spool.copy(to: target, path: name) }
    }
    try endCompression()
    do throws(FileError) {
      try file?.commit()
      try partial?.commit()
    } catch {
      throw CommandFailure("cannot write \(name): \(error.reason)", .inputOutput)
    }
  }

  /// Deletes the temporary file, unless it is committed.
  private func discard() {
    guard file != nil else { return }
    file = nil
    SignalWatch.deleteOnExit(nil)
  }

  /// The file that a link names, by way of others, whether it is there or not.
  static func resolved(_ path: String) -> String {
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

  /// Nil for what is no link.
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

/// One line on standard error; a message that can't be written is not worth failing for.
func printMessage(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
