/// One diagram of a learning curve: lines over the steps, with the axis of their values.
struct CurvePanel {
  typealias Place = (step: Double, value: Double)

  enum Style: String {
    case training, validation, metric
  }

  struct Line {
    let name: String
    let style: Style
    let points: [Place]
  }

  let top: Double
  private let height: Double
  private let label: String
  private let lines: [Line]
  private let ticks: AxisTicks

  /// Lines with at most this many points have a dot at each.
  private static let dotLimit = 30
  private static let pointLimit = 240

  init(_ lines: [Line], label: String, top: Double, height: Double) {
    (self.lines, self.label, self.top, self.height) = (lines, label, top, height)
    let values = lines.flatMap { $0.points.map(\.value) }
    ticks = AxisTicks(
      covering: (values.min() ?? 0)...(values.max() ?? 1), count: height > 120 ? 5 : 3)
  }

  var bottom: Double { top + height }

  /// Means of neighbouring points, so that a file stays small however long the history is.
  static func thinned(_ points: [Place]) -> [Place] {
    guard points.count > pointLimit else { return points }
    let size = (points.count + pointLimit - 1) / pointLimit
    return stride(from: 0, to: points.count, by: size).map { first in
      let group = points[first..<min(first + size, points.count)]
      let sum = group.reduce(0) { $0 + $1.value }
      return (group[group.endIndex - 1].step, sum / Double(group.count))
    }
  }

  private func y(_ value: Double) -> Double {
    let range = ticks.range
    return bottom - (value - range.lowerBound) / (range.upperBound - range.lowerBound) * height
  }

  /// The grid, the axes and the lines; `x` places a step.
  func svg(left: Double, right: Double, x: (Double) -> Double) -> String {
    var text = ""
    for tick in ticks.values {
      let place = SVGText.number(y(tick))
      text += """
        <line class="grid" x1="\(SVGText.number(left))" y1="\(place)" \
        x2="\(SVGText.number(right))" y2="\(place)"/>

        """
      text += SVGText.text(
        DecimalText.fixed(tick, ticks.decimals), x: SVGText.number(left - 8),
        y: SVGText.number(y(tick) + 4), "end")
    }
    text += """
      <path class="axis" fill="none" d="M\(SVGText.number(left)) \(SVGText.number(top))\
      V\(SVGText.number(bottom))H\(SVGText.number(right))"/>

      """
    let middle = SVGText.number((top + bottom) / 2)
    text += """
      <text x="14" y="\(middle)" text-anchor="middle" \
      transform="rotate(-90 14 \(middle))">\(SVGText.escaped(label))</text>

      """
    return text + lines.map { path($0, x) }.joined()
  }

  private func path(_ line: Line, _ x: (Double) -> Double) -> String {
    let places = line.points.map { (SVGText.number(x($0.step)), SVGText.number(y($0.value))) }
    let steps = places.map { "\($0.0) \($0.1)" }.joined(separator: "L")
    var text = "<path class=\"line \(line.style.rawValue)\" d=\"M\(steps)\"/>\n"
    guard places.count <= Self.dotLimit else { return text }
    for (x, y) in places {
      text += "<circle class=\"dot \(line.style.rawValue)\" cx=\"\(x)\" cy=\"\(y)\" r=\"3\"/>\n"
    }
    return text
  }

  /// The names of the lines, above the panel.
  func legend(left: Double) -> String {
    var text = ""
    var start = left
    for line in lines {
      let y = SVGText.number(top - 18)
      text += """
        <path class="line \(line.style.rawValue)" d="M\(SVGText.number(start)) \(y)h18"/>

        """
      text += SVGText.text(
        line.name, x: SVGText.number(start + 24), y: SVGText.number(top - 14), "start")
      start += 48 + 7 * Double(line.name.count)
    }
    return text
  }
}

/// Round numbers along an axis.
struct AxisTicks {
  let range: ClosedRange<Double>
  let values: [Double]
  /// The decimals that tell the values apart.
  let decimals: Int

  /// Chooses about `count` numbers of the form 1, 2 or 5 times a power of ten. The axis ends at such
  /// numbers, or with `isExact` at the ends of `data`.
  init(covering data: ClosedRange<Double>, count: Int, isExact: Bool = false) {
    var (low, high) = (data.lowerBound, data.upperBound)
    if high - low < max(abs(high), abs(low)) * 1e-9 || high == low {
      let margin = max(abs(high) * 0.1, 1e-6)
      (low, high) = (low - margin, high + margin)
    }
    var power = 1.0
    var exponent = 0
    let rough = (high - low) / Double(count)
    while power * 10 <= rough, exponent < 300 { (power, exponent) = (power * 10, exponent + 1) }
    while power > rough, exponent > -300 { (power, exponent) = (power / 10, exponent - 1) }
    let factor = [1.0, 2, 5, 10].first { $0 * power >= rough } ?? 10
    let step = isExact ? max(1, factor * power) : factor * power
    decimals = max(0, factor == 10 ? -exponent - 1 : -exponent)
    let first = isExact ? (low / step).rounded(.up) : (low / step).rounded(.down)
    let last = isExact ? (high / step).rounded(.down) : (high / step).rounded(.up)
    range = isExact ? low...high : first * step...last * step
    values = (0...Int(max(0, last - first))).map { (first + Double($0)) * step }
  }
}

/// Parts of SVG files.
enum SVGText {
  static func number(_ value: Double) -> String {
    var text = DecimalText.fixed(value, 1)
    if text.hasSuffix(".0") { text.removeLast(2) }
    return text
  }

  static func text(
    _ content: String, x: String, y: String, _ anchor: String, _ style: String? = nil
  ) -> String {
    let style = style.map { " class=\"\($0)\"" } ?? ""
    return
      "<text\(style) x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(escaped(content))</text>\n"
  }

  /// Text of users, without characters that XML forbids.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default:
        let isAllowed = scalar.value >= 0x20 && scalar.value & 0xFFFE != 0xFFFE
        result.unicodeScalars.append(isAllowed ? scalar : " ")
      }
    }
    return result
  }
}
