import Testing

@testable import SwiftletSystem

@Suite struct MemoryErrorTests {
  @Test func `a buffer beyond the address space is an error with its bytes and purpose`() {
    let error = MemoryError(bytes: 4 << 50, purpose: "a test")
    #expect(throws: error) {
      _ = try AlignedBuffer<Float>(uninitialized: 1 << 50, purpose: "a test")[0]
    }
    #expect(error.description.contains("4503599627370496 bytes of memory for a test"))
  }

  @Test(arguments: [1 << 50, .max])
  func `a reserve beyond the address space is refused`(bytes: Int) {
    #expect(throws: MemoryError(bytes: bytes, purpose: "a test")) {
      try MemoryReserve.check(bytes, for: "a test")
    }
  }

  @Test(arguments: [0, 1, 1 << 20, 64 << 20])
  func `a reserve of available memory is released`(bytes: Int) throws {
    for _ in 0..<100 { try MemoryReserve.check(bytes, for: "a test") }
  }

  @Test func `the stack has the arguments that the runtime reads from /proc`() throws {
    let stack = try #require(InitialStack())
    #expect(stack.arguments == CommandLine.arguments)
    let path = try #require(stack.programPath)
    #expect(ProcessArguments.resolved(path) == ProcessArguments.resolved("/proc/self/exe"))
  }
}
