#if Server
import Foundation
import Glibc
import Testing

@testable import SwiftletServer

@Suite(.timeLimit(.minutes(10)))
struct LogWriterTests {
  private func pipe() -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    #expect(Glibc.pipe(&ends) == 0)
    return (ends[0], ends[1])
  }

  /// Begins to read, on a thread of its own; what was read comes when the other end is closed.
  private func read(_ descriptor: Int32) -> AsyncStream<String> {
    let (stream, continuation) = AsyncStream<String>.makeStream()
    Thread.detachNewThread {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count > 0 else { break }
        bytes += buffer[..<count]
      }
      continuation.yield(String(decoding: bytes, as: UTF8.self))
      continuation.finish()
    }
    return stream
  }

  @Test func `writing never blocks, and dropped lines are counted and reported`() async throws {
    let pipe = pipe()
    let writer = LogWriter(descriptor: pipe.write, capacity: 10_000)
    writer.reportDrops { Array("dropped \($0)\n".utf8) }
    let count = 5000
    for number in 0..<count {
      writer.write(Array("\(number) \(String(repeating: "x", count: 90))\n".utf8))
    }
    #expect(writer.dropped > 0)
    // Its time is bounded too.
    writer.flush(within: .milliseconds(10))
    let reading = read(pipe.read)
    writer.flush(within: .seconds(30))
    close(pipe.write)
    let text = await reading.first { _ in true } ?? ""
    let lines = text.split(separator: "\n")
    let numbers = lines.compactMap { Int($0.prefix { $0 != " " }) }
    #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
    let reported = lines.filter { $0.hasPrefix("dropped ") }.compactMap { Int($0.dropFirst(8)) }
    #expect(reported.reduce(0, +) == writer.dropped)
    #expect(numbers.count + writer.dropped == count)
    close(pipe.read)
  }

  @Test func `a closed reader loses the lines and nothing else`() {
    signal(SIGPIPE, SIG_IGN)
    let pipe = pipe()
    close(pipe.read)
    let writer = LogWriter(descriptor: pipe.write)
    writer.reportDrops { _ in Array("dropped\n".utf8) }
    writer.write(Array("a\nb\n".utf8))
    writer.flush(within: .seconds(30))
    #expect(writer.dropped == 2)
    close(pipe.write)
  }

  @Test func `the writer's thread waits for a non-blocking descriptor`() async {
    let pipe = pipe()
    _ = fcntl(pipe.write, F_SETFL, O_NONBLOCK)
    let writer = LogWriter(descriptor: pipe.write, capacity: 1 << 20)
    let line = String(repeating: "y", count: 999) + "\n"
    for _ in 0..<500 { writer.write(Array(line.utf8)) }
    let reading = read(pipe.read)
    writer.flush(within: .seconds(30))
    close(pipe.write)
    #expect(await reading.first { _ in true } == String(repeating: line, count: 500))
    #expect(writer.dropped == 0)
    close(pipe.read)
  }
}
#endif
