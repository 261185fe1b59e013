import SwiftletTokenizer
import Testing

struct EncodingInitializerTests {
  @Test func `An encoding needs its ids`() {
    let encoding = Encoding(ids: [5, 6])
    #expect(encoding.typeIDs == [0, 0] && encoding.specialTokensMask == [0, 0])
    #expect(encoding.wordIDs == [0, 1] && encoding.sequenceIDs == [0, 0])
    #expect(encoding.attentionMask == [1, 1] && encoding.count == 2 && !encoding.isTruncated)
  }

  @Test func `An encoding keeps the parts it is made of`() {
    let encoding = Encoding(
      ids: [1, 8, 2], typeIDs: [0, 0, 0], specialTokensMask: [1, 0, 1],
      offsets: [0..<0, 0..<4, 0..<0], wordIDs: [nil, 0, nil], sequenceIDs: [nil, 0, nil],
      tokenCountBeforeTruncation: 9)
    #expect(encoding.offsets(in: .unicodeScalars, of: "naïf")[1] == 0..<3)
    #expect(encoding.isTruncated && encoding.tokenCountBeforeTruncation == 9)
  }
}
