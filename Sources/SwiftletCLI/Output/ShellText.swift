/// Command lines that a user can copy into a shell.
enum ShellText {
  /// The words in one line, with quotes where the shell needs them.
  static func line(_ words: [String]) -> String { words.map(word).joined(separator: " ") }

  static func word(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "=", ",", "+", "@", "%": true
      default: false
      }
    }
    guard !isPlain || word.isEmpty else { return word }
    let parts = word.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.joined(separator: #"'\''"#) + "'"
  }

  /// Writes the command line that continues a training: without `--force`, with `--resume`.
  ///
  /// - Parameters:
  ///   - words: The command line that was interrupted, program first.
  ///   - chosen: Options that a sweep has chosen; they replace `--sweep`.
  /// - Returns: One line for a shell.
  static func resuming(_ words: [String], chosen: [String] = []) -> String {
    var kept: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--force" || word == "--resume" { continue }
      if !chosen.isEmpty, word == "--sweep" || word.hasPrefix("--sweep=") {
        if word == "--sweep" { _ = rest.popFirst() }
        continue
      }
      kept.append(word)
    }
    return line(kept + chosen + ["--resume"])
  }
}
