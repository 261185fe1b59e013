/// What fields tell about the quotes that some of them begin with: whether the quotes stand around
/// the fields, as pandas, Excel and R write them, or belong to the texts, as in the GLUE files.
///
/// They belong to the texts if a field that begins with a quote does not end with one as a quoted
/// field does, or if a field has quotes but does not begin with one, since writers quote those.
/// Otherwise they stand around the fields
/// - if one of them has doubled quotes,
/// - or separators or line breaks without which the rows have as many fields as the first,
/// - or if all fields of one column are quoted,
/// - or if all fields with a comma are, which is how Excel writes text between tabs.
///
/// What remains is text.
struct QuoteEvidence {
  /// Fields that begin with a quote and do not end as quoted fields do.
  private(set) var broken = 0
  /// Fields that are never closed, or in which a quote follows a backslash: to read their quotes as
  /// text could hide a mistake in the file.
  private(set) var doubtful = 0
  private var doubled = 0
  private var holdingEnds = 0
  private var quotedWithComma = 0
  /// Fields without quotes around them: those that have quotes, and those that have commas.
  var bareQuotes = 0
  var plainWithComma = 0
  /// For each column, fields that are quoted and fields that are not and hold something.
  private var columns: [Int: (quoted: Int, plain: Int)] = [:]

  mutating func add(_ field: SampleField, column: Int, isCut: Bool) {
    if field.isQuoted {
      // A field that the sample cuts may be closed later.
      let isBroken = !field.isClosed && !isCut
      if field.hasBackslashedQuote || isBroken && !field.hasClosingQuote { doubtful += 1 }
      guard !isBroken else {
        broken += 1
        return
      }
      if field.hasDoubledQuote { doubled += 1 }
      if field.holdsEnds, !isCut { holdingEnds += 1 }
      if field.hasComma { quotedWithComma += 1 }
      columns[column, default: (0, 0)].quoted += 1
    } else {
      if field.hasBareQuote { bareQuotes += 1 }
      if field.hasComma { plainWithComma += 1 }
      if !field.range.isEmpty { columns[column, default: (0, 0)].plain += 1 }
    }
  }

  /// The verdict, knowing whether rows are as wide as the first with quotes as text, and how many
  /// rows came before the first field that begins with a quote.
  func quoting(rowsFitUnquoted: Bool, rowsBefore: Int) -> TableQuoting {
    if broken > 0 || bareQuotes > doubled { return .none }
    if doubled > 0 || holdingEnds > 0 && !rowsFitUnquoted { return .double }
    // One row before may be a header.
    let isColumnQuoted = columns.values.contains { $0.quoted > 1 && $0.plain == 0 }
    if isColumnQuoted, rowsBefore < 2 { return .double }
    return quotedWithComma > 0 && plainWithComma == 0 ? .double : .none
  }
}
