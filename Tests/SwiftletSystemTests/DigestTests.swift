import SwiftletSystem
import SwiftletTestSupport
import Testing

@Suite struct DigestTests {
  private static func digest<Function>(
    _ bytes: [UInt8], in size: Int = .max, _ function: Function.Type
  ) -> String where Function: CompressionFunction {
    var digest = MessageDigest<Function>()
    var rest = bytes[...]
    while !rest.isEmpty {
      Array(rest.prefix(size)).withUnsafeBytes { digest.update($0) }
      rest = rest.dropFirst(size)
    }
    return digest.finish()
  }

  // The examples of FIPS 180-4 and NIST's "Secure Hash Standard" page.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `SHA-256 of the standard's examples`(text: String, expected: String) {
    #expect(Self.digest(Array(text.utf8), SHA256.self) == expected)
  }

  @Test(arguments: [
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    ),
  ])
  func `SHA-1 of the standard's examples`(text: String, expected: String) {
    #expect(Self.digest(Array(text.utf8), SHA1.self) == expected)
  }

  @Test func `a million letters have the standard's hashes`() {
    let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(
      Self.digest(letters, in: 65_537, SHA256.self)
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(
      Self.digest(letters, in: 1013, SHA1.self) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
  }

  @Test(arguments: [1, 3, 55, 56, 63, 64, 65, 127, 128, 200])
  func `the hash does not depend on the pieces`(size: Int) {
    for count in [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 300] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      #expect(Self.digest(bytes, in: size, SHA256.self) == Self.digest(bytes, SHA256.self))
      #expect(Self.digest(bytes, in: size, SHA1.self) == Self.digest(bytes, SHA1.self))
    }
  }

  @Test func `a file has the hash of its bytes`() throws {
    let directory = try TemporaryDirectory()
    let bytes = (0..<(1 << 20) + 77).map { UInt8(truncatingIfNeeded: $0 &* 13) }
    let path = try directory.write(bytes, to: "file")
    #expect(try SHA256.hex(ofFile: path) == SHA256.hex(of: bytes))
    #expect(throws: FileError.self) { try SHA256.hex(ofFile: path + "-missing") }
  }
}
