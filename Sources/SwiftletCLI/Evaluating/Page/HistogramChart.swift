/// The scores of one label: upwards those of rows with the label, downwards those of others.
struct HistogramChart {
  let label: String
  let with: [Int]
  let without: [Int]

  private static let width = 240.0
  private static let half = 48.0

  var figure: Markup {
    """
    <figure><figcaption dir="auto">\(label)</figcaption>
    <svg viewBox="0 0 240 114" role="img" aria-label="Scores of \(label)">
    <g class="bars">\(bars(with, isUp: true))</g><g class="others">\(bars(without, isUp: false))</g>
    <line class="grid" x1="0" y1="\(Self.half)" x2="240" y2="\(Self.half)"/>
    <text x="0" y="111">0</text><text x="120" y="111" text-anchor="middle">0.5</text>
    <text x="240" y="111" text-anchor="end">1</text>
    </svg></figure>

    """
  }

  private func bars(_ counts: [Int], isUp: Bool) -> [Markup] {
    let most = counts.max() ?? 0
    guard most > 0 else { return [] }
    let step = Self.width / Double(counts.count)
    return counts.enumerated().filter { $0.element > 0 }.map { bin, count in
      let height = max(0.8, Double(count) / Double(most) * (Self.half - 2))
      let range =
        "\(NumberText.fixed(Double(bin) / Double(counts.count), digits: 2)) to"
        + " \(NumberText.fixed(Double(bin + 1) / Double(counts.count), digits: 2))"
      return """
        <rect x="\(Double(bin) * step + 0.5)" y="\(isUp ? Self.half - height : Self.half)" \
        width="\(step - 1)" height="\(height)"><title>\(range): \(NumberText.grouped(count)) rows\
        \(isUp ? " with the label" : " without it")</title></rect>

        """
    }
  }
}
