/// File names in the commands that messages propose.
enum ShellText {
  /// Quotes `path` as one word of a POSIX shell.
  static func quote(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte >= 0x80 || "._-/+=:@%,".utf8.contains(byte)
    }
    if isPlain, !path.isEmpty, !path.hasPrefix("-") { return path }
    let parts = path.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.joined(separator: "'\\''") + "'"
  }

  /// Returns `path` with another suffix, or without its own for nil.
  static func name(_ path: String, replacingSuffix suffix: String?) -> String {
    let (stem, _) = split(path)
    return quote(suffix.map { "\(stem).\($0)" } ?? String(stem))
  }

  /// Inserts a word before the suffix, as in `a/b.utf8.csv`.
  static func name(_ path: String, inserting word: String) -> String {
    let (stem, suffix) = split(path)
    return quote("\(stem).\(word)\(suffix)")
  }

  private static func split(_ path: String) -> (stem: Substring, suffix: Substring) {
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    guard let dot = path[start...].lastIndex(of: "."), dot > start else { return (path[...], "") }
    return (path[..<dot], path[dot...])
  }
}
