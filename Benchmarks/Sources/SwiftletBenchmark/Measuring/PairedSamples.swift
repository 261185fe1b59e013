/// Times of passes, and what the machine could have done in the same moments.
///
/// On a machine that others use too, a core's speed changes from one second to the next; a limit that
/// is measured once says little about a pass that runs later. Here the passes come in short stretches,
/// with a burst of the limit's loop right before and after each, and every stretch has a share of its
/// own.
struct PairedSamples: Sendable {
  /// All passes of all stretches.
  private(set) var passes = Samples()
  /// The stretches' shares of the limit, as numbers from 0 to 1.
  private(set) var shares = Samples()
  private var best = (pass: Double.infinity, least: Double.infinity)

  /// Seconds of one stretch, if a pass does not take longer.
  static let stretch = 0.1

  /// The median of the stretches.
  var share: Double { shares.median }

  /// The best burst against the best pass, wherever each was.
  var shareOfBest: Double { best.least / best.pass }

  /// Measures passes of `body`; `leastTime` is the time of one pass at the rate at which the limit's
  /// loop runs when it is called.
  static func measure<Failure>(
    _ duration: Duration, leastTime: () -> Double, _ body: () throws(Failure) -> Void
  ) throws(Failure) -> PairedSamples {
    var result = PairedSamples()
    try duration.warm(body)
    let start = now()
    var before = leastTime()
    while now() - start < duration.measured
      || result.passes.times.count < duration.samples.lowerBound
    {
      var times = Samples()
      let begin = now()
      repeat {
        let moment = now()
        try body()
        times.append(now() - moment)
      } while now() - begin < stretch
      let after = leastTime()
      result.add(times, before: before, after: after)
      before = after
    }
    return result
  }

  /// The limit of a stretch is what the cores did on average at its two ends.
  mutating func add(_ times: Samples, before: Double, after: Double) {
    for time in times.times { passes.append(time) }
    shares.append(2 / (1 / before + 1 / after) / times.median)
    best.pass = min(best.pass, times.quantile(0))
    best.least = min(best.least, before, after)
  }
}
