/// Evidence on quotes at the beginning of fields: whether they enclose the fields, as pandas, Excel
/// and R write them, or are part of the text, as in the GLUE files.
///
/// Quotes are text if a field begins with one but does not end as a quoted field does, or if a
/// field has quotes but does not begin with one, because writers quote such fields. Otherwise
/// quotes enclose fields if one of these is true:
/// - a quoted field has doubled quotes,
/// - a quoted field has separators or line breaks, and ignoring those all rows have the first row's
///   width,
/// - all fields of one column are quoted,
/// - all fields with a comma are quoted, as Excel writes text between tabs.
///
/// In all other cases quotes are text.
struct QuoteEvidence {
  /// The number of fields that begin with a quote but do not end as quoted fields do.
  private(set) var broken = 0
  /// The number of fields that are never closed, or in which a quote follows a backslash: reading
  /// their quotes as text could hide a mistake in the file.
  private(set) var doubtful = 0
  private var doubled = 0
  private var holdingEnds = 0
  private var quotedWithComma = 0
  /// The number of unquoted fields that contain quotes, and of those that contain commas.
  var bareQuotes = 0
  var plainWithComma = 0
  /// For each column, the number of quoted fields and of unquoted fields that are not empty.
  private var columns: [Int: (quoted: Int, plain: Int)] = [:]

  mutating func add(_ field: SampleField, column: Int, isCut: Bool) {
    if field.isQuoted {
      // The sample may end before the field is closed.
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

  /// Returns the decision; `rowsFitUnquoted` is whether all rows have the first row's width with
  /// quotes as text, `rowsBefore` the number of rows before the first field that begins with a
  /// quote.
  func quoting(rowsFitUnquoted: Bool, rowsBefore: Int) -> TableQuoting {
    if broken > 0 || bareQuotes > doubled { return .none }
    if doubled > 0 || holdingEnds > 0 && !rowsFitUnquoted { return .double }
    // One row before may be a header.
    let isColumnQuoted = columns.values.contains { $0.quoted > 1 && $0.plain == 0 }
    if isColumnQuoted, rowsBefore < 2 { return .double }
    return quotedWithComma > 0 && plainWithComma == 0 ? .double : .none
  }
}
