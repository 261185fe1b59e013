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
}
