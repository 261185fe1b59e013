import Testing

@testable import SwiftletCLI

@Suite struct ArrayFileTests {
  @Test func `the header has one length for any number of rows, and the shape`() throws {
    let file = ArrayFile(columns: 3)
    let first = file.header()
    for _ in 0..<1000 { _ = file.row([1, 2, 3]) }
    let last = file.header()
    #expect(first.count == 128 && last.count == 128)
    #expect(Array(last.prefix(10)) == [0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0])
    let text = String(decoding: last.dropFirst(10), as: UTF8.self)
    #expect(
      text.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (1000, 3), }  "))
    #expect(text.last == "\n")
  }

  @Test func `a text without a vector has a row of NaN`() {
    let file = ArrayFile(columns: 2)
    #expect(file.missingRow() == [0, 0, 0xC0, 0x7F, 0, 0, 0xC0, 0x7F])
    #expect(file.rowCount == 1)
  }

  @Test func `numbers are little endian`() {
    let file = ArrayFile(columns: 2)
    #expect(file.row([1, -2]) == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    #expect(file.rowCount == 1)
  }
}
