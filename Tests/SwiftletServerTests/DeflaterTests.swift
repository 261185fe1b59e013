#if Server
import Testing

@testable import SwiftletServer

@Suite struct DeflaterTests {
  private func expanded(_ bytes: [UInt8], limit: Int = 1 << 24) throws -> [UInt8] {
    var inflater = Inflater(.gzip, limit: limit)
    try inflater.append(bytes)
    return try inflater.finish()
  }

  private func random(_ count: Int, from alphabet: [UInt8] = Array(0...255), seed: UInt64)
    -> [UInt8]
  {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
  }

  /// Numbers as `/embed` writes them.
  private func embeddings(_ count: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: 7)
    let rows = (0..<count).map { _ in
      (0..<384).map { _ in Float.random(in: -0.2...0.2, using: &generator) }
    }
    return ResponseWriter.embeddings(rows)
  }

  @Test func `output is what zlib has expanded before`() {
    let text = "the cat sat on the mat; the cat sat on the hat; the cat sat on the mat."
    // Each was expanded by zlib 1.2.13.
    let golden = [
      (
        text,
        "1f8b08000000000000ff2bc94855484e2c51284e2c51c8cf53007173134bacc10c34f10c1ce2b989257a0074f07b7d47000000"
      ), ("", "1f8b08000000000000ff03000000000000000000"),
    ]
    for (text, hexadecimal) in golden {
      let bytes = Deflater.gzip(Array(text.utf8))
      let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      #expect(digits == hexadecimal)
    }
  }

  @Test(arguments: [
    0, 1, 2, 3, 4, 5, 257, 258, 259, 260, 1000, 65534, 65535, 65536, 65537, 131_071,
  ])
  func `bytes of any number come back`(count: Int) throws {
    let alphabets: [[UInt8]] = [[0], [1, 2], Array("ab01\"{},".utf8), Array(0...255)]
    for (seed, alphabet) in alphabets.enumerated() {
      let bytes = random(count, from: alphabet, seed: UInt64(seed))
      #expect(try expanded(Deflater.gzip(bytes)) == bytes, "\(alphabet.count)")
    }
  }

  @Test func `copies reach as far as the format allows and no farther`() throws {
    let word = random(40, seed: 1)
    for distance in [32_700, 32_727, 32_728, 32_729, 32_768, 33_000] {
      let bytes = word + random(distance - 40, seed: 2) + word
      #expect(try expanded(Deflater.gzip(bytes)) == bytes, "\(distance)")
    }
  }

  @Test(arguments: [5, 12, 20, 26])
  func `very uneven frequencies stay within the longest codes`(symbols: Int) throws {
    // Fibonacci numbers make the deepest tree.
    var (first, second) = (1, 1)
    var bytes: [UInt8] = []
    for symbol in 0..<symbols {
      bytes += repeatElement(UInt8(symbol), count: first)
      (first, second) = (second, first + second)
    }
    var generator = SeededGenerator(seed: 3)
    bytes.shuffle(using: &generator)
    #expect(try expanded(Deflater.gzip(bytes)) == bytes)
  }

  @Test(arguments: [2, 3, 19, 286])
  func `a code has lengths of at most the maximum and is complete`(count: Int) {
    for maxLength in [9, 15] {
      var generator = SeededGenerator(seed: UInt64(count))
      for _ in 0..<50 {
        let frequencies = (0..<count).map { _ in
          UInt32(1) << UInt32.random(in: 0...24, using: &generator)
        }
        let code = PrefixCode(frequencies: frequencies, maxLength: maxLength)
        #expect(code.lengths.allSatisfy { (1...maxLength).contains(Int($0)) })
        let used = code.lengths.reduce(0) { $0 + 1 << (maxLength - Int($1)) }
        #expect(used == 1 << maxLength)
      }
    }
  }

  @Test func `a code of one symbol gets a second one, because decoders refuse it`() {
    for frequencies: [UInt32] in [[0, 0, 0], [5, 0, 0], [0, 5, 0], [0, 0, 5]] {
      let lengths = PrefixCode(frequencies: frequencies, maxLength: 15).lengths
      #expect(lengths.filter { $0 == 1 }.count == 2 && lengths.reduce(0, +) == 2)
    }
  }

  @Test func `embeddings take less than half, and random bytes hardly more than before`() throws {
    let numbers = embeddings(40)
    let compressed = Deflater.gzip(numbers)
    #expect(try expanded(compressed) == numbers)
    #expect(compressed.count * 20 < numbers.count * 9, "\(compressed.count) of \(numbers.count)")
    let noise = random(200_000, seed: 9)
    #expect(Deflater.gzip(noise).count < noise.count + 64)
    let labels = Array(String(repeating: #"{"score":0.5,"label":"POSITIVE"},"#, count: 100).utf8)
    #expect(Deflater.gzip(labels).count < labels.count / 20)
  }

  @Test func `random mixtures come back`() throws {
    var generator = SeededGenerator(seed: 11)
    let json = embeddings(4)
    for round in 0..<200 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let start = Int.random(in: 0..<json.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes += json[start..<min(json.count, start + 3000)]
        case 1: bytes += random(Int.random(in: 0...500, using: &generator), seed: UInt64(round))
        case 2: bytes += repeatElement(UInt8(truncatingIfNeeded: start), count: start % 2000)
        default: bytes += bytes.suffix(start)
        }
      }
      #expect(try expanded(Deflater.gzip(bytes)) == bytes, "\(round)")
    }
  }
}
#endif
