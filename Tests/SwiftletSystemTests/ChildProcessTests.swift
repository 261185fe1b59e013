import Glibc
import Testing

@testable import SwiftletSystem

struct ChildProcessTests {
  /// Writes `input` to a child and returns what it writes.
  private static func run(
    _ child: ChildProcess, input: [UInt8] = []
  ) throws(ChildProcessError) -> [UInt8] {
    if let pipe = child.input {
      _ = input.withUnsafeBytes { FileWriting.write($0, to: pipe) }
      child.closeInput()
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    if let output = child.output {
      while case let count = read(output, &buffer, buffer.count), count > 0 {
        bytes += buffer[..<count]
      }
    }
    try child.wait()
    return bytes
  }

  @Test func `a child reads and writes pipes, and gets the environment`() throws {
    let copied = try ChildProcess("cat", [], input: .pipe, output: .pipe)
    #expect(try Self.run(copied, input: Array("a\0b".utf8)) == Array("a\0b".utf8))
    let path = try ChildProcess("sh", ["-c", "printf %s \"$PATH\""], input: .pipe, output: .pipe)
    #expect(try Self.run(path) == getenv("PATH").map { Array(String(cString: $0).utf8) })
  }

  @Test func `a child reads and writes descriptors, which stay open here`() throws {
    var pair: [Int32] = [0, 0]
    try #require(pipe(&pair) == 0)
    defer { for end in pair { close(end) } }
    let child = try ChildProcess(
      "sh", ["-c", "echo sent"], input: .pipe, output: .descriptor(pair[1]))
    #expect(child.output == nil)
    try child.wait()
    var buffer = [UInt8](repeating: 0, count: 16)
    #expect(read(pair[0], &buffer, buffer.count) == 5)
  }

  @Test func `a program that does not exist is named`() {
    #expect(throws: ChildProcessError.notFound(program: "no-such-program")) {
      try ChildProcess("no-such-program", [], input: .pipe, output: .pipe)
    }
    #expect(throws: ChildProcessError.refused(program: "/etc/passwd", code: EACCES)) {
      try ChildProcess("/etc/passwd", [], input: .pipe, output: .pipe)
    }
  }

  @Test(arguments: [
    ("echo; echo first >&2; echo second >&2; exit 3", ChildEnd.status(3), "first"),
    ("kill -9 $$", .signal(9), ""),
    // More errors than a pipe holds do not block the child.
    (
      "i=0; while [ $i -lt 9000 ]; do echo error >&2; i=$((i+1)); done; exit 1", .status(1), "error"
    ),
  ])
  func `a failure has the status and the first line of the errors`(
    script: String, end: ChildEnd, text: String
  ) throws {
    let child = try ChildProcess("sh", ["-c", script], input: .pipe, output: .pipe)
    #expect(throws: ChildProcessError.failed(program: "sh", end: end, text: text)) {
      try Self.run(child)
    }
  }

  @Test func `a child ends with its object`() throws {
    var child: ChildProcess? = try ChildProcess(
      "sh", ["-c", "echo $$; exec sleep 1000"], input: .pipe, output: .pipe)
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = read(child?.output ?? -1, &buffer, buffer.count)
    let line = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    let identifier = try #require(pid_t(line.dropLast()))
    #expect(kill(identifier, 0) == 0)
    child = nil
    // Neither running nor a zombie.
    #expect(kill(identifier, 0) == -1 && errno == ESRCH)
  }

  @Test func `children of several threads do not keep each other's pipes open`() async throws {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (try? Self.run(ChildProcess("cat", [], input: .pipe, output: .pipe), input: [1])) == [1]
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test(arguments: Compression.allCases)
  func `what a program compresses, it decompresses`(compression: Compression) throws {
    var pair: [Int32] = [0, 0]
    try #require(pipe(&pair) == 0)
    defer { close(pair[0]) }
    let packed = try compression.compress(to: pair[1])
    close(pair[1])
    #expect(try Self.run(packed, input: Array("some text".utf8)) == [])
    let unpacked = try compression.decompress(.descriptor(pair[0]))
    #expect(try Self.run(unpacked) == Array("some text".utf8))
  }

  @Test(arguments: [
    ("a.csv.gz", Compression.gzip, "a.csv"), ("b.ZST", .zstandard, "b"), ("c/d.bz2", .bzip2, "c/d"),
    ("e.jsonl.xz", .xz, "e.jsonl"), ("f.csv", nil, "f.csv"), ("gz", nil, "gz"),
  ])
  func `a compression is known by its suffix`(path: String, found: Compression?, stem: String) {
    #expect(Compression(path: path) == found && Compression.stem(of: path) == stem)
  }

  @Test func `a missing program is named with its package`() {
    let message = Compression.xz.description(of: .notFound(program: "xz"), on: "a.xz")
    #expect(
      message
        == "a.xz: the program xz is not installed, or not in PATH; install it: sudo apt install xz-utils"
    )
  }
}
