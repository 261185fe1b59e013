/// A table of a page.
struct PageTable {
  /// A column: its head, and how its cells look.
  struct Column {
    let head: String
    var kind = Kind.text

    enum Kind: String {
      /// A name or a place.
      case text = "name"
      /// A number, to the right.
      case number = "n"
      /// A whole text, which takes the rest of the width.
      case passage = "text"
    }
  }

  let columns: [Column]
  private var rows: [Markup] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row of one cell for each column.
  mutating func add(_ cells: [Markup]) {
    rows.append("<tr>\(zip(columns, cells).map(Self.cell))</tr>\n")
  }

  private static func cell(_ column: Column, _ contents: Markup) -> Markup {
    "<td class=\"\(column.kind.rawValue)\" data-label=\"\(column.head)\" dir=\"auto\">\(contents)</td>"
  }

  /// With passages the rows become blocks on narrow screens.
  var html: Markup {
    let heads = columns.map { column -> Markup in
      "<th class=\"\(column.kind.rawValue)\">\(column.head)</th>"
    }
    let hasPassages = columns.contains { $0.kind == .passage }
    return """
      <div class="wide"><table class="\(hasPassages ? "passages" : "figures")">
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody></table></div>

      """
  }
}
