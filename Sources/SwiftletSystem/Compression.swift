/// A compression that a program of the system reads and writes.
package enum Compression: Sendable, Equatable, CaseIterable {
  case gzip, zstandard, bzip2, xz

  /// Returns the compression for the suffix of `path` (`.gz`, `.zst`, `.bz2`, `.xz`, in upper or
  /// lower case); nil for other suffixes.
  package init?(path: String) {
    guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    let suffix = String(decoding: path.utf8[path.utf8.index(after: dot)...], as: UTF8.self)
    switch suffix.lowercased() {
    case "gz", "gzip": self = .gzip
    case "zst", "zstd": self = .zstandard
    case "bz2": self = .bzip2
    case "xz": self = .xz
    default: return nil
    }
  }

  /// Returns `path` without the suffix of a compression, if it has one.
  package static func stem(of path: String) -> String {
    guard Compression(path: path) != nil, let dot = path.utf8.lastIndex(of: UInt8(ascii: "."))
    else { return path }
    return String(path[..<dot])
  }

  /// The program that compresses and decompresses.
  package var program: String {
    switch self {
    case .gzip: "gzip"
    case .zstandard: "zstd"
    case .bzip2: "bzip2"
    case .xz: "xz"
    }
  }

  /// The package of Debian and Ubuntu that has the program.
  package var package: String { self == .xz ? "xz-utils" : program }

  /// Starts the program that decompresses `input` to a pipe.
  package func decompress(_ input: ChildStream) throws(ChildProcessError) -> ChildProcess {
    try ChildProcess(program, ["-dcq"], input: input, output: .pipe)
  }

  /// Starts the program that compresses a pipe to the descriptor `output`; gzip stores neither name
  /// nor time, so that equal input gives equal bytes.
  package func compress(to output: Int32) throws(ChildProcessError) -> ChildProcess {
    try ChildProcess(
      program, [self == .gzip ? "-cn" : "-cq"], input: .pipe, output: .descriptor(output))
  }

  /// Describes a failure of the program on the file at `path`, with what mends it.
  package func description(of error: ChildProcessError, on path: String) -> String {
    guard case .notFound = error else { return "\(path): \(error)" }
    return "\(path): \(error); install it: sudo apt install \(package)"
  }
}
