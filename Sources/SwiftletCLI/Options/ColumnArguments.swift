import ArgumentParser
import Glibc
import SwiftletRecords

/// `--input-format`.
enum InputFormatArgument: String, CaseIterable, ExpressibleByArgument {
  case lines, csv, tsv, jsonl

  var recordFormat: RecordFormat {
    switch self {
    case .lines: .lines
    case .csv: .csv
    case .tsv: .tsv
    case .jsonl: .jsonLines
    }
  }
}

/// The files to read.
struct FileArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files to read, in UTF-8: .txt, .csv, .tsv, .jsonl; - is standard input.", valueName: "path")
  )
  var file: [String] = []
}

/// The column with the labels.
struct LabelArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column (or JSON key) of the labels: its name, or its number from 1.",
      valueName: "column")
  )
  var labelColumn: String?
}

/// The column of the texts, and how a table is written.
struct TableArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column (or JSON key) of the texts: its name, or its number from 1. Default: a column named"
        + " text, sentence, content, review or similar.",
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
    guard let format = format(of: path) else {
      try Self.refuseFolder(path)
      if let foreign = ForeignFormat(path: path) {
        throw CommandFailure(
          "\(path): the name is that of \(foreign.name), not of a .txt, .csv, .tsv or .jsonl file;"
            + " \(foreign.advice(for: path))", .usage)
      }
      throw CommandFailure(
        "\(path): unknown file format; rename it to .txt, .csv, .tsv or .jsonl,"
          + " or give --input-format lines|csv|tsv|jsonl",
        .usage
      )
    }
    let columns = ColumnChoice(
      text: table.textColumn, pair: pairColumn, label: labelColumn, id: idColumn,
      hasHeader: table.hasNoHeader ? false : nil, kept: kept)
    return TextInput(
      path: path, format: format, dialect: table.dialect.choice, columns: columns,
      wantsLabel: wantsLabel)
  }

  static func refuseFolder(_ path: String) throws(CommandFailure) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
    throw CommandFailure("cannot read \(path): it is a folder", .missingInput)
  }

  private func format(of path: String) -> RecordFormat? {
    if let inputFormat { return inputFormat.recordFormat }
    return path == "-" ? .lines : RecordFormat(path: path)
  }
}
