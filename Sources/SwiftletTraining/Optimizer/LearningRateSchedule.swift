import Glibc

/// How the learning rate changes from step to step: the schedules of transformers.
public enum LearningRateSchedule: Sendable, Equatable {
  /// Falls to 0 on a line.
  case linear
  /// Falls to 0 on a cosine; a half cycle by default.
  case cosine(cycles: Double = 0.5)
  /// Falls to 0 on a half cosine, and begins again at the peak for each further cycle.
  case cosineWithRestarts(cycles: Int = 1)
  /// Falls to the rate `end` on a power of the steps to go.
  case polynomial(power: Double = 1, end: Double = 1e-7)
  /// Stays at the peak, without warm-up.
  case constant
  /// Stays at the peak after the warm-up.
  case constantWithWarmup
  /// Falls with the inverse square root of the step; without a timescale, the warm-up's length is
  /// it, or 10,000 steps.
  case inverseSquareRoot(timescale: Int? = nil)

  /// The schedules by the names of `--schedule`, with their default parameters.
  public static let byName: [(name: String, schedule: LearningRateSchedule)] = [
    ("linear", .linear), ("cosine", .cosine()), ("cosine-with-restarts", .cosineWithRestarts()),
    ("polynomial", .polynomial()), ("constant", .constant),
    ("constant-with-warmup", .constantWithWarmup), ("inverse-sqrt", .inverseSquareRoot()),
  ]

  /// The schedule of this name.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` with all names, if it is unknown.
  public init(named name: String) throws(TrainingError) {
    guard let found = Self.byName.first(where: { $0.name == name }) else {
      let names = Self.byName.map(\.name).joined(separator: ", ")
      throw .invalidOption(name: "--schedule", reason: "is '\(name)', but must be one of \(names)")
    }
    self = found.schedule
  }

  /// The factor of the learning rate at a step; 0 at the first step of a warm-up.
  ///
  /// - Parameters:
  ///   - step: counts from 0.
  ///   - total: all steps of the training.
  ///   - warmup: steps during which the rate rises on a line from 0 to its peak.
  ///   - peak: the rate that the factor multiplies; `polynomial` needs it for its end.
  /// - Returns: from 0 to 1, except for a `polynomial` whose end is above the peak.
  public func factor(step: Int, total: Int, warmup: Int = 0, peak: Double = 5e-5) -> Double {
    if self == .constant { return 1 }
    if step < warmup { return Double(step) / Double(warmup) }
    let (done, length) = (Double(step - warmup), Double(max(1, total - warmup)))
    switch self {
    case .constant, .constantWithWarmup: return 1
    case .linear: return max(0, Double(total - step) / length)
    case .cosine(let cycles): return max(0, (1 + cos(.pi * cycles * 2 * (done / length))) / 2)
    case .cosineWithRestarts(let cycles):
      guard done < length else { return 0 }
      let place = (Double(cycles) * (done / length)).truncatingRemainder(dividingBy: 1)
      return max(0, (1 + cos(.pi * place)) / 2)
    case .polynomial(let power, let end):
      let remaining = max(0, 1 - done / length)
      return ((peak - end) * pow(remaining, power) + end) / peak
    case .inverseSquareRoot(let timescale):
      let scale = Double(timescale ?? (warmup > 0 ? warmup : 10_000))
      return 1 / ((done + scale) / scale).squareRoot()
    }
  }

  /// Checks the parameters for a learning rate that the factor multiplies.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if a parameter is out of range.
  package func check(peak: Double) throws(TrainingError) {
    switch self {
    case .linear, .constant, .constantWithWarmup: break
    case .cosine(let cycles): try Self.require(cycles > 0 && cycles.isFinite, "more than 0 cycles")
    case .cosineWithRestarts(let cycles): try Self.require(cycles >= 1, "1 cycle or more")
    case .polynomial(let power, let end):
      try Self.require(power > 0 && power.isFinite, "a power above 0")
      try Self.require(end >= 0 && end < peak, "an end from 0 to below the learning rate \(peak)")
    case .inverseSquareRoot(let timescale):
      try Self.require(timescale ?? 1 >= 1, "a timescale of 1 step or more")
    }
  }

  private static func require(_ holds: Bool, _ rule: String) throws(TrainingError) {
    if !holds { throw .invalidOption(name: "--schedule", reason: "needs \(rule)") }
  }
}
