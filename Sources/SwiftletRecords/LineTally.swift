/// Counts lines with the same remark and stores the first, so that there is one note per file.
struct LineTally {
  private(set) var first = 0
  private(set) var count = 0

  mutating func add(line: Int) {
    if count == 0 { first = line }
    count += 1
  }

  /// A phrase such as `:3 and 7 more lines have`, to follow the file's name; nil without lines.
  var note: String? {
    switch count {
    case 0: nil
    case 1: ":\(first) has"
    case 2: ":\(first) and 1 more line have"
    default: ":\(first) and \(count - 1) more lines have"
    }
  }
}
