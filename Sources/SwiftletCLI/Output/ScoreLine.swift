import Swiftlet
import SwiftletJSON

/// A line for people: a score in percent, and the label or text that has it.
enum ScoreLine {
  static func text(
    _ text: String, _ score: Float, width: Int = 9, on terminal: Terminal
  ) -> String {
    let percent = DisplayText.pad(NumberText.percent(Double(score)), to: width, alignRight: true)
    return TextStyle.dim.apply(to: percent, on: terminal) + "  "
      + TextStyle.bold.apply(to: DisplayText.oneLine(text), on: terminal)
  }
}

extension LabelScore {
  var json: JSONValue { .object([("label", .string(label)), ("score", .float(score))]) }
}
