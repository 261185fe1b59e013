/// The system refused memory.
package struct MemoryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The number of bytes requested.
  package let bytes: Int
  /// What the memory was for, such as `weights`.
  package let purpose: String

  package init(bytes: Int, purpose: String) {
    self.bytes = bytes
    self.purpose = purpose
  }

  package var description: String {
    "the system refused \(bytes) bytes of memory for \(purpose); raise the limit of the process "
      + "(ulimit -v) or of its container, use fewer threads, or take a smaller model"
  }
}
