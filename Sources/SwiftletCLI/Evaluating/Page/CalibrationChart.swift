import SwiftletTraining

/// A reliability diagram: the share of right answers in each range of scores, beside the diagonal of a
/// calibrated model, and below it how many answers each range has.
struct CalibrationChart {
  let bins: [CalibrationBin]

  private static let left = 38.0
  private static let top = 8.0
  private static let size = 280.0
  private static let countTop = 312.0
  private static let countHeight = 36.0

  private static func x(_ share: Double) -> Double { left + share * size }
  private static func y(_ share: Double) -> Double { top + (1 - share) * size }

  var svg: Markup {
    """
    <svg viewBox="0 0 330 372" role="img" aria-label="Share of right answers by score">
    \(grid)<g class="bars">\(bins.map(bar))</g>
    <line class="diagonal" x1="\(Self.x(0))" y1="\(Self.y(0))" x2="\(Self.x(1))" y2="\(Self.y(1))"/>
    <g class="whiskers">\(bins.map(whisker))</g>
    <g class="counts">\(bins.map(count))</g>
    <text class="axis" x="\(Self.x(0.5))" y="368" text-anchor="middle">score; below: answers in each range</text>
    </svg>

    """
  }

  private var grid: Markup {
    Markup(
      [0, 0.25, 0.5, 0.75, 1].map { share -> Markup in
        let name = NumberText.short(share, digits: 2)
        return """
          <line class="grid" x1="\(Self.x(0))" y1="\(Self.y(share))" x2="\(Self.x(1))" y2="\(Self.y(share))"/>
          <text x="\(Self.left - 5)" y="\(Self.y(share) + 4)" text-anchor="end">\(name)</text>
          <text x="\(Self.x(share))" y="\(Self.y(0) + 15)" text-anchor="middle">\(name)</text>

          """
      })
  }

  private func bar(_ bin: CalibrationBin) -> Markup {
    guard bin.correct.total > 0 else { return "" }
    let (from, to) = (Self.x(bin.range.lowerBound), Self.x(bin.range.upperBound))
    let height = bin.correct.value * Self.size
    return """
      <rect x="\(from + 1)" y="\(Self.y(0) - height)" width="\(to - from - 2)" height="\(height)">\(title(bin))</rect>

      """
  }

  private func title(_ bin: CalibrationBin) -> Markup {
    let range =
      "\(NumberText.fixed(bin.range.lowerBound, digits: 2)) to"
      + " \(NumberText.fixed(bin.range.upperBound, digits: 2))"
    return """
      <title>\(range): \(NumberText.grouped(bin.correct.total)) answers, mean score \
      \(NumberText.percent(bin.confidence)), right \(NumberText.percent(bin.correct.value))</title>
      """
  }

  /// The 95 % interval, with a dot at the mean score.
  private func whisker(_ bin: CalibrationBin) -> Markup {
    guard bin.correct.total > 0 else { return "" }
    let (x, interval) = (Self.x(bin.confidence), bin.correct.interval)
    return """
      <line x1="\(x)" y1="\(Self.y(interval.lowerBound))" x2="\(x)" y2="\(Self.y(interval.upperBound))"/>
      <circle cx="\(x)" cy="\(Self.y(bin.correct.value))" r="2.5"/>

      """
  }

  private func count(_ bin: CalibrationBin) -> Markup {
    let most = bins.map(\.correct.total).max() ?? 0
    guard bin.correct.total > 0, most > 0 else { return "" }
    let height = max(1, Double(bin.correct.total) / Double(most) * Self.countHeight)
    let (from, to) = (Self.x(bin.range.lowerBound), Self.x(bin.range.upperBound))
    return """
      <rect x="\(from + 1)" y="\(Self.countTop + Self.countHeight - height)" width="\(to - from - 2)" \
      height="\(height)">\(title(bin))</rect>

      """
  }
}
