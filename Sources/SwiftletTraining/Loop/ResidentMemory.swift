import Glibc

/// The memory of this process.
package enum ResidentMemory {
  /// Returns the resident bytes; nil if the system has no `/proc`.
  package static func bytes() -> Int? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { buffer -> Int? in
      let count = read(file, buffer.baseAddress, buffer.count)
      guard count > 0 else { return nil }
      let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
      guard fields.count > 1 else { return nil }
      return Int(String(decoding: fields[1], as: UTF8.self)).map { $0 * pageSize }
    }
  }

  private static let pageSize = sysconf(Int32(_SC_PAGESIZE))
}
