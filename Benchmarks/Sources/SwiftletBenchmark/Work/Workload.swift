import Glibc

/// The token ids that are measured, in the form in which other engines' workers read them too.
struct Workload: Codable, Sendable {
  /// One sequence for each length.
  var latency: [String: [Int32]]
  /// 32 sequences of one length.
  var batch32: [String: [[Int32]]]
  /// Sequences of lengths as they are in life: lognormal, median 24, 4 to 256 tokens, in the order
  /// in which they arrive.
  var mixed: [[Int32]]
  /// The same sorted by length, longest first, and cut into batches of 1, 4, 8, 16, 32 and all.
  var mixedBatches: [String: [[[Int32]]]]
  /// A padded batch whose logits all engines must agree on.
  var check: Check

  struct Check: Codable, Sendable {
    var ids: [[Int32]]
    var mask: [[Int32]]

    /// The sequences without their padding.
    var sequences: [[Int32]] {
      zip(ids, mask).map { ids, mask in
        Array(ids.prefix(mask.count { $0 != 0 }))
      }
    }
  }

  enum CodingKeys: String, CodingKey {
    case latency, batch32, mixed, check
    case mixedBatches = "mixed_batches"
  }

  static let defaultSeed: UInt64 = 20_240_601
  static let latencyLengths = [8, 16, 32, 64, 128, 256, 512]
  static let batchLengths = [32, 128]

  /// Random ids of ordinary tokens between `[CLS]` and `[SEP]`.
  init(seed: UInt64, lengths: [Int] = latencyLengths) {
    var random = RandomNumbers(seed: seed)
    func sequence(_ length: Int) -> [Int32] {
      let inner = (0..<max(length - 2, 0)).map { _ in
        Int32.random(in: 1000..<30_000, using: &random)
      }
      return [101] + inner + [102]
    }
    func keyed<Value>(_ lengths: [Int], _ make: (Int) -> Value) -> [String: Value] {
      var result: [String: Value] = [:]
      for length in lengths { result[String(length)] = make(length) }
      return result
    }
    latency = keyed(lengths, sequence)
    batch32 = keyed(Self.batchLengths) { length in (0..<32).map { _ in sequence(length) } }
    let mixedLengths = Self.mixedLengths(256, using: &random)
    let mixed = mixedLengths.map(sequence)
    self.mixed = mixed
    let sorted = mixed.sorted { $0.count > $1.count }
    mixedBatches = keyed([1, 4, 8, 16, 32, 256]) { size in
      stride(from: 0, to: sorted.count, by: size).map {
        Array(sorted[$0..<min($0 + size, sorted.count)])
      }
    }
    let samples = [20, 7, 13].map(sequence)
    check = Check(
      ids: samples.map { $0 + Array(repeating: 0, count: 20 - $0.count) },
      mask: samples.map { sample in (0..<20).map { $0 < sample.count ? 1 : 0 } })
  }

  private static func mixedLengths(_ count: Int, using random: inout RandomNumbers) -> [Int] {
    (0..<count).map { _ in
      let length = exp(log(24) + 0.8 * random.normalPair().0)
      return Int(min(max(length.rounded(), 4), 256))
    }
  }
}
