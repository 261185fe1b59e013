import Testing

@testable import SwiftletTraining

struct DataHashTests {
  @Test(
    arguments: [
      ([], 0, 0), (["a"], 0x8555_5565_f659_7889, 0xe6b5_3a48_510e_895a),
      (["good film"], 0xb408_92e4_7084_d4c6, 0xbad8_f8fe_33da_401e),
      (["Łódź", "second"], 0xfcab_bcd8_5e85_8429, 0x7bef_d0fa_1fd3_a3a7),
    ] as [([String], UInt64, UInt64)])
  func `a text's hash is MurmurHash3 of the Python package mmh3 5.3`(
    texts: [String], low: UInt64, high: UInt64
  ) {
    let hash = TextHash(of: texts)
    #expect(hash.low == low && hash.high == high)
  }

  @Test func `whole blocks are hashed too`() {
    let hash = TextHash((0..<64).map { UInt8($0) })
    #expect(hash.low == 0xffd5_522d_8d81_2301 && hash.high == 0xa222_38eb_5633_8ea1)
  }

  @Test func `the place of a text in its row counts`() {
    #expect(TextHash(of: ["a", "b"]) != TextHash(of: ["ab"]))
    #expect(TextHash(of: ["a", "b"]) != TextHash(of: ["b", "a"]))
    #expect(TextHash(of: ["ab", ""]) != TextHash(of: ["", "ab"]))
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      String(repeating: "a", count: 55),
      "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"
    ),
    (
      String(repeating: "a", count: 56),
      "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"
    ),
    (
      String(repeating: "a", count: 64),
      "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"
    ),
    (
      String(repeating: "a", count: 1000),
      "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
    ),
  ])
  func `SHA-256 is that of Python's hashlib, in one piece and in several`(text: String, hex: String)
  {
    #expect(SHA256.hex(of: text.utf8) == hex)
    var hash = SHA256()
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      Array(bytes.prefix(37)).withUnsafeBytes { hash.update($0) }
      bytes = bytes.dropFirst(37)
    }
    #expect(hash.hex() == hex)
  }
}
