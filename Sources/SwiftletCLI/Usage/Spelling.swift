/// Suggests the correct word for a misspelt one.
enum Spelling {
  /// The nearest of `words` if at most a third of its letters differ, otherwise the only one that
  /// begins with `word`.
  static func nearest(to word: String, among words: [String]) -> String? {
    let ranked = words.map { (word: $0, distance: distance(word, $0)) }
    let nearest = ranked.min { $0.distance < $1.distance }
    if let nearest, 3 * nearest.distance <= max(word.count, nearest.word.count) {
      return nearest.word
    }
    let longer = words.filter { word.count > 1 && $0.hasPrefix(word) }
    return longer.count == 1 ? longer[0] : nil
  }

  /// The optimal string alignment distance: insertions, deletions, replacements and exchanges of
  /// neighbours from one word to the other.
  static func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left), right = Array(right)
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let isSame = left[row] == right[column]
        var least = min(
          last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          least = min(least, beforeLast[column - 1] + 1)
        }
        current.append(least)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
