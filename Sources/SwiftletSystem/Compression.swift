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

  /// Detects the compression by a file's first bytes; nil if they are not compressed.
  package init?(signatureOf bytes: UnsafeBufferPointer<UInt8>) {
    let compression = Self.allCases.first { compression in
      compression.signatures.contains { bytes.starts(with: $0) }
    }
    guard let compression else { return nil }
    self = compression
  }

  /// Returns whether `bytes` is a proper prefix of a signature.
  package static func mayBegin(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    allCases.contains { compression in
      compression.signatures.contains { bytes.count < $0.count && $0.starts(with: bytes) }
    }
  }

  private var signatures: [[UInt8]] {
    switch self {
    case .gzip: [[0x1F, 0x8B, 0x08]]
    case .zstandard: [[0x28, 0xB5, 0x2F, 0xFD]]
    case .bzip2:
      (UInt8(ascii: "1")...UInt8(ascii: "9")).map { Array("BZh".utf8) + [$0, 0x31, 0x41] }
    case .xz: [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]]
    }
  }

  /// Returns `path` without the suffix of a compression, if it has one.
  package static func stem(of path: String) -> String {
    guard Compression(path: path) != nil, let dot = path.utf8.lastIndex(of: UInt8(ascii: "."))
    else { return path }
    return String(path[..<dot])
  }

  /// The name as the object of "this is …".
  package var name: String {
    switch self {
    case .gzip: "gzip data"
    case .zstandard: "Zstandard data"
    case .bzip2: "bzip2 data"
    case .xz: "xz data"
    }
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

  /// gzip ends with status 2 after a warning, as about zeros after the data, with all data written.
  private var warningStatus: Int32? { self == .gzip ? 2 : nil }

  /// Starts the program that decompresses `input` to a pipe.
  package func decompress(_ input: ChildStream) throws(ChildProcessError) -> ChildProcess {
    try ChildProcess(
      program, ["-dcq"], input: input, output: .pipe, warningStatus: warningStatus)
  }

  /// Starts the program that compresses a pipe to the descriptor `output`; gzip stores neither name
  /// nor time, so that equal input gives equal bytes.
  package func compress(to output: Int32) throws(ChildProcessError) -> ChildProcess {
    try ChildProcess(
      program, [self == .gzip ? "-cn" : "-cq"], input: .pipe, output: .descriptor(output),
      warningStatus: warningStatus)
  }

  /// Describes a failure of the program on the file at `path`, with what mends it.
  package func description(of error: ChildProcessError, on path: String) -> String {
    guard case .notFound = error else { return "\(path): \(error)" }
    return "\(path): \(error); install it: sudo apt install \(package)"
  }
}
