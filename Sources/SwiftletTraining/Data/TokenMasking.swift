package import SwiftletTokenizer

/// Masks words of a text for training, differently in each epoch.
///
/// As BERT does (arXiv 1810.04805, section 3.1) and `DataCollatorForLanguageModeling` of
/// transformers: each token is chosen with a probability of 15 %, special tokens never; of the
/// chosen ones 80 % become `[MASK]`, 10 % a random token, and 10 % stay. The masks depend only on
/// the seed, the epoch and the row.
package struct TokenMasking: Sendable {
  package let seed: UInt64
  package let rate: Double
  package let maskID: Int32
  private let tokenCount: Int
  private let special: [Bool]

  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for a rate that is not between 0 and 1,
  ///   or a vocabulary without `[MASK]`.
  package init(tokenizer: Tokenizer, seed: UInt64, rate: Double = 0.15) throws(TrainingError) {
    guard rate > 0, rate < 1 else {
      throw .invalidOption(
        name: "--mask-rate", reason: "is \(rate), but must be a share between 0 and 1")
    }
    guard let maskID = tokenizer.maskID else {
      throw .invalidOption(
        name: "--task mask", reason: "needs the token [MASK], which the base model does not have")
    }
    self.seed = seed
    self.rate = rate
    self.maskID = maskID
    tokenCount = Int(tokenizer.maxID) + 1
    special = (0..<tokenizer.maxID + 1).map { tokenizer.isSpecial($0) }
  }

  /// Masks the ids of one row.
  ///
  /// - Returns: The masked ids, and for each token the id that the model should find, or -100.
  package func mask(
    _ ids: [Int32], row: Int, epoch: Int
  ) -> (ids: [Int32], targets: [Int32]) {
    var generator = RowGenerator(seed: seed, epoch: epoch, row: row)
    var masked = ids
    var targets = [Int32](repeating: EncodedRows.ignored, count: ids.count)
    for (place, id) in ids.enumerated() {
      let (choice, action, random) = (generator.next(), generator.next(), generator.next())
      guard !special[Int(id)], Self.share(choice) < rate else { continue }
      targets[place] = id
      if Self.share(action) < 0.8 {
        masked[place] = maskID
      } else if Self.share(action) < 0.9 {
        masked[place] = Int32(random.multipliedFullWidth(by: UInt64(tokenCount)).high)
      }
    }
    return (masked, targets)
  }

  /// A number from 0 to below 1 of the upper 53 bits.
  private static func share(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }
}

/// Random numbers that depend only on the seed, the epoch, the row and their count (SplitMix64,
/// Steele, Lea and Flood 2014, from a hashed start).
struct RowGenerator {
  private var state: UInt64

  init(seed: UInt64, epoch: Int, row: Int) {
    let key = TextHash.finished(seed &+ 0x9E37_79B9_7F4A_7C15)
    let epochKey = TextHash.finished(key ^ UInt64(truncatingIfNeeded: epoch))
    state = TextHash.finished(epochKey &+ UInt64(truncatingIfNeeded: row) &* 0xD134_2543_DE82_EF95)
  }

  mutating func next() -> UInt64 {
    state = state &+ 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
