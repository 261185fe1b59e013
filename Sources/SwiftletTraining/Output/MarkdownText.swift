import SwiftletJSON

/// Text of users in Markdown and YAML, where it must not act as markup.
enum MarkdownText {
  /// One line in which no character has a meaning to Markdown.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "#", "|", "~", "$":
        result += "\\"
        result.unicodeScalars.append(scalar)
      case "&": result += "&amp;"
      default:
        let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
        result.unicodeScalars.append(
          isControl || scalar.value == 0x2028 || scalar.value == 0x2029 ? " " : scalar)
      }
    }
    return result
  }

  /// A table whose cells are Markdown already; the columns after the first are numbers.
  static func table(_ header: [String], _ rows: [[String]], numbersFrom first: Int = 1) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    let rules = header.indices.map { $0 < first ? "---" : "---:" }
    return line(header) + line(rules) + rows.map(line).joined()
  }

  /// A block of code in which no line can end the block.
  static func code(_ text: String, language: String) -> String {
    var longest = 2
    var run = 0
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    return "\(fence)\(language)\n\(text)\n\(fence)\n"
  }

  /// A string in quotes, as YAML and Python read it.
  static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    JSONWriter.append(string: text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A word of a shell's command line.
  static func shellWord(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:=,+@%".utf8.contains(byte)
      }
    }
    if isPlain, !word.isEmpty { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: #"'\''"#) + "'"
  }
}
