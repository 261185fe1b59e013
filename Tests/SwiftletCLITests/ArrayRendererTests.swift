import Testing
@testable import struct Swiftlet.Embedding

@testable import SwiftletCLI

@Suite struct ArrayRendererTests {
  private static func row(_ vector: [Float]?) -> AnsweredText<Embedding> {
    AnsweredText(
      text: SourcedText(
        text: "a", record: 1, line: nil, file: nil, id: nil, label: nil, bytesThrough: 0),
      answer: vector.map { Embedding(vector: $0, tokenCount: 3, isTruncated: false) })
  }

  @Test func `the header has one length for any number of rows, and the shape`() throws {
    var renderer = ArrayRenderer(columns: 3)
    let first = renderer.begin(with: [])
    for _ in 0..<1000 { _ = renderer.bytes(of: Self.row([1, 2, 3])) }
    let last = try #require(renderer.finish())
    #expect(first.count == 128 && last.count == 128)
    #expect(Array(last.prefix(10)) == [0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0])
    let text = String(decoding: last.dropFirst(10), as: UTF8.self)
    #expect(
      text.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (1000, 3), }  "))
    #expect(text.last == "\n")
  }

  @Test func `a text without a vector has a row of NaN`() throws {
    var renderer = ArrayRenderer(columns: 2)
    #expect(renderer.bytes(of: Self.row(nil)) == [0, 0, 0xC0, 0x7F, 0, 0, 0xC0, 0x7F])
    let header = String(decoding: try #require(renderer.finish()).dropFirst(10), as: UTF8.self)
    #expect(header.contains("(1, 2)"))
  }

  @Test func `numbers are little endian`() {
    var renderer = ArrayRenderer(columns: 2)
    #expect(renderer.bytes(of: Self.row([1, -2])) == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
  }
}
