/// The learning curve of a training as an SVG picture: the losses above, the metric below, over the steps.
///
/// Colours follow the reader's light or dark setting.
struct LearningCurve {
  static let fileName = "learning-curve.svg"

  let losses: CurvePanel
  let metric: CurvePanel?
  private let title: String
  private let best: (step: Double, text: String)?
  private let steps: AxisTicks

  private static let width = 600.0
  private static let plot = (left: 76.0, right: 584.0)

  /// Nil for a history without any loss.
  init?(_ report: TrainingReport) {
    func line(
      _ name: String, _ style: CurvePanel.Style, _ value: (TrainingReport.Point) -> Double?
    ) -> CurvePanel.Line? {
      let points = report.history.compactMap { point -> CurvePanel.Place? in
        guard let y = value(point), y.isFinite else { return nil }
        return (Double(point.step), y)
      }
      return points.isEmpty
        ? nil : CurvePanel.Line(name: name, style: style, points: CurvePanel.thinned(points))
    }
    let lines = [
      line("training loss", .training) { $0.trainingLoss },
      line("validation loss", .validation) { $0.validationLoss },
    ].compactMap(\.self)
    guard !lines.isEmpty else { return nil }
    let metricName = report.metricName ?? "metric"
    let metricLine = line(metricName, .metric) { $0.metric }
    losses = CurvePanel(lines, label: "loss", top: 52, height: metricLine == nil ? 280 : 180)
    metric = metricLine.map { CurvePanel([$0], label: metricName, top: 256, height: 100) }
    title = "Learning curve of \(report.name)"
    steps = AxisTicks(
      covering: 0...max(1, Double(report.history.last?.step ?? 1)), count: 6, isExact: true)
    best = report.bestStep.map { step in
      let value = report.history.last { $0.step == step && $0.metric != nil }?.metric
      let suffix = value.map { ", \(metricName) \(DecimalText.fixed($0, 4))" } ?? ""
      return (Double(step), "best: step \(DecimalText.grouped(step))\(suffix)")
    }
  }

  var svg: String {
    let panels = [losses] + (metric.map { [$0] } ?? [])
    let bottom = panels.reduce(0) { max($0, $1.bottom) }
    let height = Int(bottom + 46)
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="600" height="\(height)" \
      viewBox="0 0 600 \(height)" role="img" font-family="system-ui, sans-serif" font-size="12">
      <title>\(SVGText.escaped(title))</title>
      \(Self.style)
      <rect class="paper" width="600" height="\(height)"/>

      """
    text += panels.map { $0.svg(left: Self.plot.left, right: Self.plot.right, x: x) }.joined()
    text += stepAxis(bottom)
    text += bestMark(bottom)
    return text + losses.legend(left: Self.plot.left) + "</svg>\n"
  }

  private func x(_ step: Double) -> Double {
    let range = steps.range
    let share = (step - range.lowerBound) / (range.upperBound - range.lowerBound)
    return Self.plot.left + share * (Self.plot.right - Self.plot.left)
  }

  private func stepAxis(_ bottom: Double) -> String {
    var text = ""
    for tick in steps.values {
      let place = SVGText.number(x(tick))
      text += SVGText.text(
        DecimalText.grouped(Int(tick)), x: place, y: SVGText.number(bottom + 16), "middle")
    }
    let middle = SVGText.number((Self.plot.left + Self.plot.right) / 2)
    return text + SVGText.text("step", x: middle, y: SVGText.number(bottom + 36), "middle")
  }

  /// A line at the best step, with its text above on the side that has room.
  private func bestMark(_ bottom: Double) -> String {
    guard let best else { return "" }
    let place = x(best.step)
    let top = losses.top
    let isLeft = place < Self.width / 2
    let line = """
      <line class="best" x1="\(SVGText.number(place))" y1="\(SVGText.number(top))" \
      x2="\(SVGText.number(place))" y2="\(SVGText.number(bottom))"/>

      """
    return line
      + SVGText.text(
        best.text, x: SVGText.number(place + (isLeft ? -4 : 4)), y: SVGText.number(top - 36),
        isLeft ? "start" : "end", "mark")
  }

  private static let style = """
    <style>
    .paper { fill: #ffffff; }
    text { fill: #3d444d; }
    .mark { fill: #1f2328; font-weight: 600; }
    .grid { stroke: #d8dee4; }
    .axis { stroke: #818b98; }
    .best { stroke: #818b98; stroke-dasharray: 4 3; }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
    .training { stroke: #818b98; }
    .validation { stroke: #0969da; }
    .metric { stroke: #1a7f37; }
    .dot { fill: #ffffff; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
    .paper, .dot { fill: #0d1117; }
    text { fill: #b7bdc8; }
    .mark { fill: #f0f6fc; }
    .grid { stroke: #2a313c; }
    .axis, .best, .training { stroke: #9198a1; }
    .validation { stroke: #4493f8; }
    .metric { stroke: #3fb950; }
    }
    </style>
    """
}
