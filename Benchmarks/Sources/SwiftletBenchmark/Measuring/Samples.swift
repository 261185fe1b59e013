import Glibc

/// Times of one thing done again and again, in seconds.
struct Samples: Sendable {
  private(set) var times: [Double] = []

  init(_ times: [Double] = []) { self.times = times }

  mutating func append(_ time: Double) { times.append(time) }

  /// The time that a share `p` of all stays below, between two samples by the straight line.
  func quantile(_ p: Double) -> Double {
    let sorted = times.sorted()
    guard let last = sorted.last else { return .nan }
    let position = p * Double(sorted.count - 1)
    let index = Int(position)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (sorted[index + 1] - sorted[index]) * (position - Double(index))
  }

  var median: Double { quantile(0.5) }
}

/// Seconds since some moment.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// How long to measure.
struct Duration: Codable, Sendable {
  /// Seconds before the first sample that counts, and runs at least.
  var warmUp: Double
  var warmUpRuns = 2
  /// Seconds of samples at least.
  var measured: Double
  /// Samples at least, and at most.
  var samples: ClosedRange<Int>

  static func seconds(_ seconds: Double) -> Duration {
    Duration(warmUp: min(0.2, seconds / 3), measured: seconds, samples: 5...100_000)
  }

  /// The same for something that takes seconds itself.
  func ofPasses(atLeast count: Int) -> Duration {
    Duration(warmUp: 0, warmUpRuns: 1, measured: measured, samples: count...samples.upperBound)
  }

  /// Runs `body` to warm up, and then as long and often as it says.
  func sample<Failure>(_ body: () throws(Failure) -> Void) throws(Failure) -> Samples {
    try warm(body)
    var samples = Samples()
    let first = now()
    while samples.times.count < self.samples.upperBound,
      now() - first < measured || samples.times.count < self.samples.lowerBound
    {
      let begin = now()
      try body()
      samples.append(now() - begin)
    }
    return samples
  }

  /// Runs `body` until what it needs is there and in the caches.
  func warm<Failure>(_ body: () throws(Failure) -> Void) throws(Failure) {
    let start = now()
    var runs = 0
    while runs < warmUpRuns || now() - start < warmUp {
      try body()
      runs += 1
    }
  }
}
