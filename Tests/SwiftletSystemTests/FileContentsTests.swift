import Glibc
import SwiftletSystem
import SwiftletTestSupport
import Testing

@Suite struct FileContentsTests {
  @Test(arguments: [1, 7, 4095, 4096, 4097, 100_000])
  func `mapped and read give the same bytes`(count: Int) throws {
    let directory = try TemporaryDirectory()
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let path = try directory.write(bytes, to: "file")
    for loading in [FileLoading.map, .read] {
      let contents = try FileContents(path: path, loading: loading)
      #expect([UInt8](contents.bytes) == bytes)
      #expect(contents.path == path)
    }
  }

  @Test func `released pages of a mapped file are read again`() throws {
    let directory = try TemporaryDirectory()
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let contents = try FileContents(path: try directory.write(bytes, to: "file"))
    #expect(contents.isMapped)
    for range in [0..<100_000, 1..<2, 4096..<8192, 5000..<99_999, 0..<1_000_000, 7..<7] {
      contents.release(range)
      #expect([UInt8](contents.bytes) == bytes)
    }
    contents.releaseMappedPages()
    #expect([UInt8](contents.bytes) == bytes)
  }

  @Test func `only whole pages of a file in memory are released`() throws {
    let directory = try TemporaryDirectory()
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes = Array(repeating: UInt8(7), count: 1 << 20)
    let contents = try FileContents(path: try directory.write(bytes, to: "file"), loading: .read)
    #expect(!contents.isMapped)
    contents.releaseMappedPages()
    #expect([UInt8](contents.bytes) == bytes)
    contents.release(page..<4 * page)
    let kept = contents.bytes.indices.filter { contents.bytes[$0] == 7 }
    #expect(kept.count <= bytes.count - 2 * page && kept.count >= bytes.count - 3 * page)
    #expect(contents.bytes[..<page].allSatisfy { $0 == 7 })
    #expect(contents.bytes[(4 * page)...].allSatisfy { $0 == 7 })
  }

  @Test(arguments: [FileLoading.map, .read])
  func `an empty file has no bytes`(loading: FileLoading) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([], to: "empty")
    #expect(try FileContents(path: path, loading: loading).bytes.isEmpty)
  }

  @Test(arguments: [FileLoading.map, .read])
  func `a missing file and an unreadable one have different errors`(loading: FileLoading) throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write([1], to: "file")
    for path in [directory.path + "/none", file + "/below"] {
      let error = #expect(throws: FileError.self) {
        try FileContents(path: path, loading: loading)
      }
      #expect(error?.isNotFound == true)
      #expect(error?.path == path)
    }
  }

  @Test(arguments: [FileLoading.map, .read])
  func `a directory is an error that says so`(loading: FileLoading) throws {
    let directory = try TemporaryDirectory()
    let error = #expect(throws: FileError.self) {
      try FileContents(path: directory.path, loading: loading)
    }
    #expect(error?.code == EISDIR)
    #expect(error?.isNotFound == false)
    #expect(error?.description == "cannot read \(directory.path): Is a directory")
  }

  @Test(arguments: [FileLoading.map, .read])
  func `a file that is not regular is refused at once`(loading: FileLoading) throws {
    let directory = try TemporaryDirectory()
    let pipe = directory.path + "/pipe"
    try #require(mkfifo(pipe, 0o666) == 0)
    defer { unlink(pipe) }
    for path in [pipe, "/dev/zero", "/dev/null"] {
      #expect(throws: FileError("read", path: path, code: FileError.notRegular)) {
        _ = try FileContents(path: path, loading: loading)
      }
    }
  }

  private static let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"

  @Test(
    arguments: [
      (pointer, .gitLFSPointer), ("<!DOCTYPE html>", .webPage), ("\r\n\t<HTML lang=en>", .webPage),
      ("<?xml version=\"1.0\"?><Error/>", .refusal), ("Entry not found", .refusal),
      ("Repository not found", .refusal), ("Invalid username or password.", .refusal),
      ("Access to model a/b is restricted", .refusal),
    ] as [(String, StandIn)], [FileLoading.map, .read])
  func `a stand-in for a file is known by its first bytes`(
    content: (text: String, kind: StandIn), loading: FileLoading
  ) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([UInt8](content.text.utf8), to: "file")
    let error = #expect(throws: FileError.self) { try FileContents(path: path, loading: loading) }
    #expect(error?.standIn == content.kind && error?.isNotFound == false)
    #expect(error?.reason.contains("hf download") == true)
  }

  @Test(arguments: [
    "version https://git-lfs", "versions", "<", "<htm", "[UNK]\n<html>\n",
    "Entry not found\n" + pointer,
    pointer + String(repeating: " ", count: 1024), String(repeating: " ", count: 64) + "<html>",
    "   ",
  ])
  func `a file that only resembles a stand-in is read`(text: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([UInt8](text.utf8), to: "file")
    let contents = try FileContents(path: path)
    #expect(withExtendedLifetime(contents) { contents.bytes.elementsEqual(text.utf8) })
  }

  @Test(arguments: [FileLoading.map, .read])
  func `a file beyond the size limit is refused`(loading: FileLoading) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([1, 2, 3], to: "file")
    #expect(try FileContents(path: path, loading: loading, limit: 3).bytes.count == 3)
    #expect(throws: FileError("read", path: path, code: EFBIG)) {
      _ = try FileContents(path: path, loading: loading, limit: 2)
    }
  }

  @Test func `a file without a known size is read to its end`() throws {
    let contents = try FileContents(path: "/proc/self/status")
    #expect(contents.bytes.starts(with: "Name:".utf8))
  }

  @Test func `a mapped file that is replaced by renaming keeps its old bytes`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([1, 2, 3], to: "file")
    let contents = try FileContents(path: path)
    let newer = try directory.write([4], to: "newer")
    #expect(rename(newer, path) == 0)
    #expect([UInt8](contents.bytes) == [1, 2, 3])
  }

  @Test func `no descriptor stays open, on success or failure`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([1], to: "file")
    // Other tests open files at the same time, so the bound is on growth by thousands.
    let before = dup(0)
    close(before)
    for _ in 0..<2000 {
      _ = try FileContents(path: path)
      _ = try? FileContents(path: directory.path)
    }
    let after = dup(0)
    close(after)
    #expect(after - before < 1000)
  }
}
