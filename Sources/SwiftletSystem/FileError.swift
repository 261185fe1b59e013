import Glibc

/// A failed file system operation: its verb, the path and the error number.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  package let operation: String
  package let path: String
  package let code: Int32
  /// The number of bytes that the system refused to allocate; nil for any other failure.
  package let refusedBytes: Int?

  /// Creates an error; `bytes` is ignored unless the code is `ENOMEM`.
  package init(_ operation: String, path: String, code: Int32 = errno, bytes: Int? = nil) {
    self.operation = operation
    self.path = path
    self.code = code
    refusedBytes = code == ENOMEM ? bytes : nil
  }

  /// Our own code, which no errno has: a pipe or a device in place of a file.
  package static let notRegular: Int32 = -1

  /// What was found in place of a file that was never downloaded; nil for any other failure.
  package var standIn: StandIn? { StandIn(rawValue: code) }

  /// The reason in words, by default the system's, such as `No such file or directory`.
  package var reason: String {
    if let refusedBytes { return MemoryError(bytes: refusedBytes, purpose: "the file").description }
    if let standIn { return standIn.reason }
    return code == Self.notRegular ? "it is not a regular file" : String(cString: strerror(code))
  }

  package var isNotFound: Bool { code == ENOENT || code == ENOTDIR }

  package var description: String { "cannot \(operation) \(path): \(reason)" }
}
