import Glibc

/// An operation of the file system that failed: which, on what, and what the system said.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  package let operation: String
  package let path: String
  package let code: Int32

  package init(_ operation: String, path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// The system's own words, such as `No such file or directory`.
  package var reason: String { String(cString: strerror(code)) }

  package var isNotFound: Bool { code == ENOENT || code == ENOTDIR }

  package var description: String { "cannot \(operation) \(path): \(reason)" }
}
