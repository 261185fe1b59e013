import ArgumentParser
import SwiftletRecords

/// The columns of the input that the output repeats.
struct KeptColumnArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Columns (or JSON keys) to copy from the input: all, or names or numbers with commas between"
        + " them. One with the name of a field of the output becomes input_NAME.",
      valueName: "columns")
  )
  var keepColumns: String?

  func validate() throws {
    guard case .named(let names) = choice else { return }
    if names.contains("") {
      throw ValidationError(
        "--keep-columns needs all, or names of columns with commas between them, found"
          + " \"\(DisplayText.shorten(keepColumns ?? "", to: 40))\"")
    }
    var seen: Set<String> = []
    if let repeated = names.first(where: { !seen.insert($0).inserted }) {
      throw ValidationError(
        "--keep-columns has \"\(DisplayText.shorten(repeated, to: 40))\" twice; give it once")
    }
  }

  var choice: KeptColumns {
    guard let keepColumns else { return .none }
    guard keepColumns != "all" else { return .all }
    let names = keepColumns.split(separator: ",", omittingEmptySubsequences: false)
    return .named(names.map { Self.trimmed($0) })
  }

  /// Returns what is wrong with texts that have no columns, or a format that has no place for them.
  func problem(texts: [String], format: some OutputFormat) -> String? {
    guard choice != .none else { return nil }
    guard texts.isEmpty else {
      return "--keep-columns needs --file with a .csv, .tsv or .jsonl file; a text has no columns"
    }
    guard !format.hasColumns else { return nil }
    return "--keep-columns needs a format with columns, not \(format.rawValue);"
      + " add --format csv, tsv or jsonl, or an --output named so"
  }

  private static func trimmed(_ name: Substring) -> String {
    var name = name
    while name.first == " " { name.removeFirst() }
    while name.last == " " { name.removeLast() }
    return String(name)
  }
}
