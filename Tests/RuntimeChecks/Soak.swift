import Glibc
import Swiftlet

/// Computes `count` batches of random shapes, 1 to 16 sequences of 1 to 512 tokens, in the
/// machine's precisions, and compares the memory after a tenth of them with that after all.
func soak(_ model: String, count: Int) throws {
  let classifiers = try Precision.allCases.filter(\.isSupported).map {
    try Classifier(directory: model, options: ModelOptions(precision: $0))
  }
  var random = SplitMix(state: 2024)
  var tokens = 0
  var early = 0
  for number in 1...count {
    let (shape, model) = batch(number, models: classifiers.count, &random)
    let ids = shape.map { length in (0..<length).map { _ in Int32(1000 + random.below(20_000)) } }
    tokens += shape.reduce(0, +)
    let logits = try classifiers[model].logits(ofTokenIDs: ids)
    guard logits.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw Failure("shape \(number), \(shape), has logits that are no numbers")
    }
    if number == count / 10 { early = try residentMemory() }
  }
  // Keeps the models until the memory is measured.
  let late = try withExtendedLifetime(classifiers) { try residentMemory() }
  let growth = Double(late - early) / Double(early) * 100
  print(
    "soak: \(count) shapes, \(tokens) tokens; resident after \(count / 10): \(early) kB, "
      + "after all: \(late) kB, \((growth * 100).rounded() / 100) % more")
  guard abs(growth) <= 1 else { throw Failure("resident memory changed by \(growth) %") }
}

/// The lengths of a batch's sequences and the index of the model that computes it.
///
/// Each thousand begins with the extremes on every model, as a model's memory grows to its largest pass.
/// The others are mostly short, so that the check is soon done, but have up to 512 tokens.
private func batch(
  _ number: Int, models: Int, _ random: inout SplitMix
) -> (lengths: [Int], model: Int) {
  let extremes = [Array(repeating: 512, count: 16), Array(repeating: 1, count: 16), [512]]
  let (extreme, model) = ((number - 1) % 1000).quotientAndRemainder(dividingBy: models)
  if extreme < extremes.count { return (extremes[extreme], model) }
  // Evenly distributed over the orders of magnitude, of sequences and of tokens alike.
  let sequences = random.logarithmic(upTo: 16)
  let longest = random.logarithmic(upTo: 512)
  return ((0..<sequences).map { _ in random.logarithmic(upTo: longest) }, random.below(models))
}

/// `VmRSS` of this process, in kB.
private func residentMemory() throws -> Int {
  let lines = try contents(of: "/proc/self/status").split(separator: "\n")
  guard let line = lines.first(where: { $0.hasPrefix("VmRSS:") }),
    let kilobytes = Int(line.split(whereSeparator: { $0 == " " || $0 == "\t" })[1])
  else { throw Failure("/proc/self/status has no VmRSS") }
  return kilobytes
}

/// Steele et al., "Fast splittable pseudorandom number generators", 2014.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// A number from 1 to `bound`; each doubling has the same probability.
  mutating func logarithmic(upTo bound: Int) -> Int {
    let part = Double(next() >> 11) / Double(1 << 53)
    return min(bound, Int(exp(part * log(Double(bound + 1)))))
  }
}
