import Glibc
import SwiftletJSON
import SwiftletSystem

/// What `FILE.partial.state` says about a run: a line with its progress, and a line with its identity.
struct RunState: Equatable {
  let progress: RunProgress
  let identity: RunIdentity

  /// More bytes than any command line has.
  private static let sizeLimit = 8 << 20

  /// Both lines, the progress first: it is overwritten in place, inside one page of the file.
  var bytes: [UInt8] { progress.line + identity.json.line }

  init(progress: RunProgress, identity: RunIdentity) {
    self.progress = progress
    self.identity = identity
  }

  /// Nil for bytes that are not of ``bytes``.
  init?(_ bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard lines.count == 2, let progress = Self.json(lines[0]), let identity = Self.json(lines[1])
    else { return nil }
    guard let progress = RunProgress(progress) else { return nil }
    self.init(progress: progress, identity: RunIdentity(identity))
  }

  /// Nil for a file that is missing, unreadable, or not of ``bytes``.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      (1...Self.sizeLimit).contains(Int(status.st_size))
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    guard count == bytes.count else { return nil }
    self.init(bytes)
  }

  private static func json(_ line: ArraySlice<UInt8>) -> JSONValue? {
    line.withUnsafeBufferPointer { try? JSONValue($0) }
  }
}
