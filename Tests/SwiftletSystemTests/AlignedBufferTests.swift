import SwiftletKernelCore
import SwiftletSystem
import Testing

@Suite struct AlignedBufferTests {
  @Test(arguments: [0, 1, 3, 16, 17, 1000, 65_537])
  func `a buffer begins on a cache line and is zero`(count: Int) throws {
    let buffer = try AlignedBuffer<Float>(count: count)
    #expect(UInt(bitPattern: buffer.pointer) % 64 == 0)
    #expect(buffer.count == count)
    for index in 0..<count where buffer[index] != 0 { Issue.record("element \(index) isn't zero") }
  }

  @Test func `elements keep what is stored in them`() throws {
    let buffer = try AlignedBuffer<Int32>(count: 100)
    for index in 0..<100 { buffer[index] = Int32(index * index) }
    for index in 0..<100 { #expect(buffer[index] == Int32(index * index)) }
  }

  @Test func `a matrix finds its rows by stride`() throws {
    let buffer = try AlignedBuffer<Float>(count: 12)
    for index in 0..<12 { buffer[index] = Float(index) }
    let packed = Matrix(buffer.pointer, rows: 3, columns: 4)
    #expect(packed.stride == 4)
    #expect(packed.row(2)[1] == 9)
    let strided = Matrix(buffer.pointer + 1, rows: 2, columns: 2, stride: 6)
    #expect(strided.row(1)[1] == 8)
  }
}
