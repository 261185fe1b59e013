/// Counts lines with the same remark, and keeps the first, so that a file is remarked on once.
struct LineTally {
  private(set) var first = 0
  private(set) var count = 0

  mutating func add(line: Int) {
    if count == 0 { first = line }
    count += 1
  }

  /// `:3 and 7 more lines have`, for a message that begins with the file; nil if no line was added.
  var note: String? {
    switch count {
    case 0: nil
    case 1: ":\(first) has"
    case 2: ":\(first) and 1 more line have"
    default: ":\(first) and \(count - 1) more lines have"
    }
  }
}
