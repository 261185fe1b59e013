import Glibc
import Testing

@testable import SwiftletBenchmark

@Suite struct MeasuringTests {
  @Test(arguments: [(0, 1), (0.5, 3), (0.625, 3.5), (1, 5)])
  func `quantiles lie on the line between samples`(_ p: Double, _ expected: Double) {
    #expect(Samples([5, 1, 4, 2, 3]).quantile(p) == expected)
  }

  @Test func `a duration is kept by the number of samples, and by time`() {
    var runs = 0
    let few = Duration(warmUp: 0, measured: 0, samples: 3...3).sample { runs += 1 }
    #expect(few.times.count == 3 && runs == 5)
    let timed = Duration(warmUp: 0, measured: 0.02, samples: 1...10_000_000).sample {}
    #expect(timed.times.reduce(0, +) <= 0.03 && timed.times.count > 100)
  }

  @Test(arguments: [
    (0.006, 2, "0.01"), (1.005, 0, "1"), (99.95, 1, "100.0"), (-0.04, 1, "0.0"),
    (-2.5, 1, "-2.5"),
  ])
  func `numbers are rounded, not truncated`(_ value: Double, _ decimals: Int, _ expected: String) {
    #expect(number(value, decimals) == expected)
  }

  @Test(arguments: [1, 2, 5])
  func `every piece of shared work is done once`(_ threads: Int) throws {
    let slots = UnsafeMutableBufferPointer<Int>.allocate(capacity: 1000)
    slots.initialize(repeating: 0)
    defer { slots.deallocate() }
    nonisolated(unsafe) let shared = slots
    try Threads.share(1000, over: threads) { (index) throws(BenchmarkError) in shared[index] += 1 }
    #expect(slots.allSatisfy { $0 == 1 })
  }

  @Test func `an error in shared work reaches the caller`() {
    #expect(throws: BenchmarkError.process("piece 7")) {
      try Threads.share(100, over: 2) { (index) throws(BenchmarkError) in
        if index == 7 { throw .process("piece 7") }
      }
    }
  }

  @Test func `a share is measured against the limit of its own moment`() {
    var paired = PairedSamples()
    paired.add(Samples([0.2, 0.2]), before: 0.1, after: 0.1)
    paired.add(Samples([0.4, 0.4]), before: 0.2, after: 0.2)
    paired.add(Samples([0.4, 0.4]), before: 0.2, after: 0.2)
    #expect(paired.share == 0.5 && paired.shareOfBest == 0.5)
    #expect(paired.passes.times.count == 6)
    // A core that is twice as fast at one end does one and a half times as much in all.
    paired.add(Samples([1]), before: 0.6, after: 0.3)
    #expect(abs(paired.shares.quantile(0) - 0.4) < 1e-12)
  }

  @Test func `passes run between measurements of the limit`() {
    var events = ""
    let duration = Duration(warmUp: 0, warmUpRuns: 0, measured: 0, samples: 2...9)
    let paired = PairedSamples.measure(
      duration,
      leastTime: {
        events += "L"
        return 0.05
      },
      {
        events += "P"
        usleep(110_000)
      })
    #expect(events == "LPLPL" && paired.shares.times.count == 2)
    #expect(paired.share > 0.2 && paired.share < 0.46)
  }

  @Test(arguments: [Precision.float32, .int8])
  func `a core's limit is found with every processor's instructions`(_ precision: Precision) {
    let rate = ArithmeticLimit.rate(.baseline, precision, threads: 1)
    #expect(rate > 1e8 && rate < 1e13)
  }

  static let hasBFloat16 = Machine.current.instructionSet == .avx512bf16

  @Test(.enabled(if: hasBFloat16, "no AVX512_BF16: its limit is not measured"))
  func `the limit of bfloat16 is above that of float32`() {
    let rates = [Precision.bfloat16, .float32].map {
      ArithmeticLimit.rate(.avx512bf16, $0, threads: 1)
    }
    #expect(rates[0] > 1.2 * rates[1] && rates[0] < 1e13)
  }

  @Test func `bfloat16 is skipped with the reason where there are no kernels for it`() {
    var configuration = MeasuredConfiguration(
      choices: EngineChoices(instructionSet: .avx512, precision: .bfloat16), threads: 1)
    let reason = configuration.reasonToSkip(on: .current)
    #expect(reason == "bfloat16 needs AVX512_BF16, and the instruction set is avx512")
    configuration.choices.instructionSet = .avx512bf16
    #expect(configuration.reasonToSkip(on: .current) == nil)
    configuration.choices = EngineChoices(instructionSet: .baseline, precision: .int8)
    #expect(configuration.reasonToSkip(on: .current) == nil)
  }
}
