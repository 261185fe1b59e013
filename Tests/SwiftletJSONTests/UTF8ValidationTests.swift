import SwiftletJSON
import Testing

@Suite struct UTF8ValidationTests {
  private func firstInvalid(_ bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { UTF8Validation.firstInvalidOffset(in: $0) }
  }

  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0xBF],
      [0xE1, 0x80], [0xE1, 0x80, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
      [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ] as [[UInt8]]
  )
  func `malformed sequences are found where they begin`(sequence: [UInt8]) {
    for prefix in [0, 1, 7, 8, 9, 20] {
      let bytes = [UInt8](repeating: 0x61, count: prefix) + sequence
      #expect(firstInvalid(bytes) == prefix)
      #expect(failure([0x22] + bytes + [0x22]) == .invalidUTF8(offset: prefix + 1))
    }
  }

  @Test func `every scalar that Unicode has passes`() {
    var bytes: [UInt8] = []
    for value in UInt32(0)...0x10FFFF {
      if let scalar = Unicode.Scalar(value) { bytes.append(contentsOf: String(scalar).utf8) }
    }
    #expect(firstInvalid(bytes) == nil)
  }

  @Test func `the verdict is the standard library's on random bytes`() {
    var generator = SplitMix64(state: 3)
    let interesting: [UInt8] = [0x41, 0x80, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4]
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        interesting.randomElement(using: &generator) ?? 0
      }
      #expect((firstInvalid(bytes) == nil) == (String(validating: bytes, as: UTF8.self) != nil))
    }
  }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
