import SwiftletTraining

/// The live line of a training.
enum TrainingLine {
  /// `epoch 1.42/3 · step 596/1,263 · loss 0.213 · lr 3.1e-5 · |g| 1.9 · 2,310 tok/s · 1.2 GB · 4m10s left`,
  /// as much of it as fits in `width`.
  static func text(_ report: StepReport, epochs: Double, width: Int) -> String {
    var parts = parts(of: report, epochs: epochs)
    func joined() -> String { parts.map(\.text).joined(separator: " · ") }
    while parts.count > 1, DisplayText.width(of: joined()) > width,
      let least = parts.indices.min(by: { parts[$0].rank < parts[$1].rank })
    {
      parts.remove(at: least)
    }
    return DisplayText.shorten(joined(), to: width)
  }

  /// The parts in their order; those with a low rank are left out first.
  private static func parts(
    of report: StepReport, epochs: Double
  ) -> [(text: String, rank: Int)] {
    let passed = NumberText.fixed(report.epoch, digits: 2)
    let (step, total) = (report.step, report.totalSteps)
    var parts = [
      ("epoch \(passed)/\(NumberText.short(epochs, digits: 2))", 4),
      ("step \(NumberText.grouped(step))/\(NumberText.grouped(total))", 7),
    ]
    if let loss = report.loss { parts.append(("loss \(NumberText.fixed(loss, digits: 3))", 5)) }
    parts.append(("lr \(NumberText.scientific(report.learningRate))", 2))
    if let norm = report.gradientNorm {
      parts.append(("|g| \(NumberText.rounded(norm, digits: 2))", 1))
    }
    parts.append(("\(NumberText.rate(report.tokensPerSecond)) tok/s", 3))
    if let bytes = report.residentMemory { parts.append((NumberText.size(bytes: bytes), 0)) }
    parts.append(("\(NumberText.span(seconds: report.remainingSeconds)) left", 6))
    return parts
  }
}
