import Glibc
import SwiftletJSON
import SwiftletSystem

/// JSON Lines that are written as they come: standard output or a log.
final class EventStream {
  private let name: String
  private let appends: Bool
  /// Nil for a file that is not open yet.
  private var descriptor: Int32?

  /// Standard output.
  init() {
    name = "standard output"
    appends = true
    descriptor = STDOUT_FILENO
  }

  /// A file, which the first object creates, or empties unless `appends`: a command that fails before keeps
  /// the log of another training.
  init(path: String, appends: Bool) throws(CommandFailure) {
    name = path
    self.appends = appends
    let isThere = access(path, F_OK) == 0
    guard access(isThere ? path : Self.folder(of: path), W_OK) == 0 else {
      throw CommandFailure(FileError("write", path: path).description, .cannotCreate)
    }
  }

  deinit {
    if let descriptor, descriptor != STDOUT_FILENO { close(descriptor) }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return String(path[...slash])
  }

  private func opened() throws(FileError) -> Int32 {
    if let descriptor { return descriptor }
    let opened = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | (appends ? O_APPEND : O_TRUNC), 0o666)
    guard opened >= 0 else { throw FileError("write", path: name) }
    descriptor = opened
    return opened
  }

  /// Writes one object and its line break.
  ///
  /// - Throws: `ClosedPipe`, or `CommandFailure` if the system refuses the bytes.
  func write(_ event: JSONValue) throws {
    do throws(FileError) {
      let descriptor = try opened()
      try event.line.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try FileWriting.write(UnsafeRawBufferPointer(bytes), to: descriptor, path: name)
      }
    } catch {
      if error.code == EPIPE { throw ClosedPipe() }
      throw CommandFailure(error.description, .inputOutput)
    }
  }
}
