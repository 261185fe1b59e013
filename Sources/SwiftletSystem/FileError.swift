import Glibc

/// An operation of the file system that failed: which, on what, and what the system said.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  package let operation: String
  package let path: String
  package let code: Int32
  /// The bytes of memory that the system refused; nil for any other failure.
  package let refusedBytes: Int?

  /// `bytes` counts where the code is `ENOMEM`.
  package init(_ operation: String, path: String, code: Int32 = errno, bytes: Int? = nil) {
    self.operation = operation
    self.path = path
    self.code = code
    refusedBytes = code == ENOMEM ? bytes : nil
  }

  /// What the system has no number for: a pipe or a device where a file should be.
  package static let notRegular: Int32 = -1

  /// What lies in the place of a file that was never downloaded; nil for every other failure.
  package var standIn: StandIn? { StandIn(rawValue: code) }

  /// The system's own words, such as `No such file or directory`.
  package var reason: String {
    if let refusedBytes { return MemoryError(bytes: refusedBytes, purpose: "the file").description }
    if let standIn { return standIn.reason }
    return code == Self.notRegular ? "it is not a regular file" : String(cString: strerror(code))
  }

  package var isNotFound: Bool { code == ENOENT || code == ENOTDIR }

  package var description: String { "cannot \(operation) \(path): \(reason)" }
}
