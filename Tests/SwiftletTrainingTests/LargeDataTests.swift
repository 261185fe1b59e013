import Testing

@testable import SwiftletTraining

struct LargeDataTests {
  @Test(.timeLimit(.minutes(10)))
  func `200,000 rows take 4 bytes for each token and 28 for each row`() throws {
    let folder = try DataFolder()
    var text = "text,label\n"
    let rows = 200_000
    for row in 0..<rows { text += "good \(row),\(row % 2)\n" }
    let data = try DataSample.prepare(.csv(try folder.file("a.csv", text)))
    let encoded = data.training.rows
    #expect(encoded.count == rows)
    let bytes = 4 * encoded.tokenCount + 28 * rows
    // The first block of each array may have reserved more than its size, the last one is not full.
    #expect(encoded.byteCount <= bytes + 2 * (4 + 28) << 16)
  }

  @Test func `a chunked array has the elements of an array`() {
    var array = ChunkedArray<Int32>()
    let count = 200_000
    array.append(contentsOf: (0..<count).lazy.map { Int32($0) })
    #expect(array.count == count && array[65_535] == 65_535 && array[65_536] == 65_536)
    #expect(array[65_000..<140_000] == (65_000..<140_000).map { Int32($0) })
    #expect(array[5..<5].isEmpty)
    array[131_072] = -1
    #expect(array[131_071..<131_074] == [131_071, -1, 131_073])
  }
}
