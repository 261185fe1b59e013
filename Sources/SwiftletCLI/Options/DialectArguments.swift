import ArgumentParser
package import SwiftletRecords

extension TableQuoting: ExpressibleByArgument {}

extension TextEncoding: ExpressibleByArgument {
  package init?(argument: String) { self.init(name: argument) }
}

/// How files are written: their encoding, and the fields of .csv and .tsv files.
struct DialectArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Encoding of the files: \(TextEncoding.allValueStrings.joined(separator: ", ")). Default:"
        + " utf-8, or utf-16 for a file with its byte order mark.", valueName: "encoding")
  )
  var encoding: TextEncoding?

  @Option(
    help: ArgumentHelp(
      "Separator of the columns of a .csv or .tsv file: a character, or comma, semicolon, tab,"
        + " pipe, space. Default: detected.", valueName: "separator")
  )
  var delimiter: SeparatorArgument?

  @Option(
    help: ArgumentHelp(
      "What quotes are in a .csv or .tsv file: marks around fields, doubled inside them (double),"
        + " or text (none). Default: detected.", valueName: "quoting")
  )
  var quote: TableQuoting?

  @Option(
    help: ArgumentHelp(
      "Escape character before quotes, separators and line breaks that are text in a .csv or .tsv"
        + " file, as Spark and MySQL write it: backslash, another character, or none. Default:"
        + " none.",
      valueName: "character")
  )
  var escape: EscapeArgument?

  func validate() throws {
    if let escape = escape?.byte, escape == delimiter?.byte {
      throw ValidationError("--escape and --delimiter are the same character")
    }
  }

  var choice: DialectChoice {
    DialectChoice(
      encoding: encoding, separator: delimiter?.byte, quoting: quote,
      escape: escape.map { $0.byte.map(DialectChoice.Escape.byte) ?? .none })
  }
}

/// `--delimiter`.
struct SeparatorArgument: ExpressibleByArgument, Equatable, Sendable {
  let byte: UInt8

  init?(argument: String) {
    switch argument {
    case "comma": byte = UInt8(ascii: ",")
    case "semicolon": byte = UInt8(ascii: ";")
    case "tab", "\\t": byte = UInt8(ascii: "\t")
    case "pipe": byte = UInt8(ascii: "|")
    case "space": byte = UInt8(ascii: " ")
    default:
      guard let only = argument.utf8.first, argument.utf8.count == 1,
        DialectChoice.isSeparator(only)
      else { return nil }
      byte = only
    }
  }

  static var allValueStrings: [String] {
    ["comma", "semicolon", "tab", "pipe", "space", "<character>"]
  }
}

/// `--escape`.
struct EscapeArgument: ExpressibleByArgument, Equatable, Sendable {
  /// Nil for none.
  let byte: UInt8?

  init?(argument: String) {
    switch argument {
    case "none": byte = nil
    case "backslash": byte = UInt8(ascii: "\\")
    default:
      guard let only = argument.utf8.first, argument.utf8.count == 1,
        DialectChoice.isSeparator(only)
      else { return nil }
      byte = only
    }
  }

  static var allValueStrings: [String] { ["backslash", "none", "<character>"] }
}
