import Swiftlet

/// A text in one line with its entities marked: in colours if the terminal has them, otherwise in
/// brackets.
enum TaggedText {
  static func line(
    _ text: String, _ entities: [Entity], labels: [String], on terminal: Terminal
  ) -> String {
    let colors = colors(of: labels)
    let bytes = Array(text.utf8)
    var line = ""
    var position = 0
    for entity in entities.sorted(by: { $0.utf8Offsets.lowerBound < $1.utf8Offsets.lowerBound }) {
      let range = entity.utf8Offsets.clamped(to: position..<max(position, bytes.count))
      guard !range.isEmpty else { continue }
      line += piece(bytes[position..<range.lowerBound])
      line += mark(
        piece(bytes[range]), entity.label, color: colors[entity.label] ?? 0, on: terminal)
      position = range.upperBound
    }
    return line + piece(bytes[position...])
  }

  private static func mark(
    _ text: String, _ label: String, color: Int, on terminal: Terminal
  ) -> String {
    let label = DisplayText.oneLine(label)
    guard terminal.usesColor else { return "[\(text) \(label)]" }
    return TextStyle.label(color).apply(to: text, on: terminal)
      + TextStyle.dim.apply(to: " \(label)", on: terminal)
  }

  /// A colour for each label, one for both of `B-PER` and `I-PER`.
  private static func colors(of labels: [String]) -> [String: Int] {
    var colors: [String: Int] = [:]
    for label in labels {
      let parts = label.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let group = parts.last.map(String.init) ?? label
      if colors[group] == nil { colors[group] = colors.values.max().map { $0 + 1 } ?? 0 }
      colors[label] = colors[group]
    }
    return colors
  }

  private static func piece(_ bytes: ArraySlice<UInt8>) -> String {
    DisplayText.oneLine(String(decoding: bytes, as: UTF8.self))
  }
}
