import ArgumentParser
import Glibc
import SwiftletRecords
import SwiftletSystem

/// `--input-format`.
enum InputFormatArgument: String, CaseIterable, ExpressibleByArgument {
  case lines, csv, tsv, jsonl, json

  var recordFormat: RecordFormat {
    switch self {
    case .lines: .lines
    case .csv: .csv
    case .tsv: .tsv
    case .jsonl: .jsonLines
    case .json: .json
    }
  }
}

/// The files to read.
struct FileArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files to read: .txt, .csv, .tsv, .jsonl or .json, also compressed (.gz, .zst, .bz2, .xz);"
        + " a folder, each .txt file of which is one text; - is standard input.", valueName: "path")
  )
  var file: [String] = []
}

/// The column with the labels.
struct LabelArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column (or JSON key) of the labels: its name, or its number from 1; a.b is the key b"
        + " inside a.",
      valueName: "column")
  )
  var labelColumn: String?
}

/// The column of the texts, and how a table is written.
struct TableArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column (or JSON key) of the texts: its name, or its number from 1; a.b is the key b inside"
        + " a. Default: a column named text, sentence, content, review or similar.",
      valueName: "column"
    )
  )
  var textColumn: String?

  @Flag(name: .customLong("no-header"), help: "The first row is data; give columns by number.")
  var hasNoHeader = false

  @OptionGroup var dialect: DialectArguments
}

/// The columns of a file, and its format.
struct ColumnArguments: ParsableArguments {
  @OptionGroup var table: TableArguments

  @Option(
    help: ArgumentHelp(
      "Format of the input. Default: by its suffix; lines for standard input.",
      valueName: "format")
  )
  var inputFormat: InputFormatArgument?

  /// The input at `path`, which is `-` for standard input.
  func input(
    at path: String, labelColumn: String? = nil, idColumn: String? = nil,
    pairColumn: String? = nil, keeping kept: KeptColumns = .none, wantsLabel: Bool = false
  ) throws(CommandFailure) -> TextInput {
    let format = try format(of: path)
    let columns = ColumnChoice(
      text: table.textColumn, pair: pairColumn, label: labelColumn, id: idColumn,
      hasHeader: table.hasNoHeader ? false : nil, kept: kept)
    return TextInput(
      path: path, format: format, dialect: table.dialect.choice, columns: columns,
      wantsLabel: wantsLabel)
  }

  static func refuseFolder(_ path: String) throws(CommandFailure) {
    guard isFolder(path) else { return }
    throw CommandFailure("cannot read \(path): it is a folder", .missingInput)
  }

  private func format(of path: String) throws(CommandFailure) -> RecordFormat {
    if Self.isFolder(path) {
      guard inputFormat == nil || inputFormat == .lines else {
        throw CommandFailure(
          "\(path): a folder is read as texts in .txt files; leave out --input-format", .usage)
      }
      return .folder
    }
    if let inputFormat { return inputFormat.recordFormat }
    if path == "-" { return .lines }
    if let format = RecordFormat(path: path) { return format }
    let stem = Compression.stem(of: path)
    if let foreign = ForeignFormat(path: stem) {
      throw CommandFailure(
        "\(path): the name is that of \(foreign.name), not of a .txt, .csv, .tsv, .jsonl or .json"
          + " file; \(foreign.advice(for: path))", .usage)
    }
    let suffix = String(path.dropFirst(stem.count))
    throw CommandFailure(
      "\(path): unknown file format; rename it to .txt\(suffix), .csv\(suffix), .tsv\(suffix),"
        + " .jsonl\(suffix) or .json\(suffix), or give --input-format lines|csv|tsv|jsonl|json",
      .usage)
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
