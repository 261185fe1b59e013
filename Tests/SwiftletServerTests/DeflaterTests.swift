#if Server
import Testing

@testable import SwiftletServer

@Suite struct DeflaterTests {
  private func expanded(_ bytes: [UInt8]) throws -> [UInt8] {
    var inflater = Inflater(.gzip, limit: 1 << 24)
    try inflater.append(bytes)
    return try inflater.finish()
  }

  private func random(_ count: Int, from alphabet: [UInt8] = Array(0...255)) -> [UInt8] {
    var generator = SeededGenerator(seed: UInt64(count))
    return (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
  }

  @Test(arguments: [0, 1, 2, 1000, 65_535, 65_536, 1 << 20])
  func `bytes of any number come back`(count: Int) throws {
    for alphabet in [[0], Array("ab01\"{},".utf8), Array(0...255)] {
      let bytes = random(count, from: alphabet)
      let compressed = try #require(Deflater.gzip(bytes))
      #expect(try expanded(compressed) == bytes)
    }
  }

  @Test func `embeddings take less than half, and random bytes hardly more than before`() throws {
    var generator = SeededGenerator(seed: 7)
    let rows = (0..<40).map { _ in
      (0..<384).map { _ in Float.random(in: -0.2...0.2, using: &generator) }
    }
    let numbers = ResponseWriter.embeddings(rows)
    let compressed = try #require(Deflater.gzip(numbers))
    #expect(compressed.count * 2 < numbers.count, "\(compressed.count) of \(numbers.count)")
    let noise = random(200_000)
    #expect(try #require(Deflater.gzip(noise)).count < noise.count + 200)
  }
}
#endif
