import Foundation
import Testing

@testable import SwiftletCLI

@Suite final class OutputSinkTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "sink-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  private func contents(_ name: String) -> String? {
    FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `a file has its name only once it is complete`() throws {
    let sink = try OutputSink(path: path("out.csv"))
    try sink.write("a,b\n")
    try sink.flush()
    #expect(contents("out.csv") == nil)
    try sink.finish()
    #expect(contents("out.csv") == "a,b\n")
    #expect(names == ["out.csv"])
  }

  @Test func `without finish no file remains and the old one stays`() throws {
    try Data("old".utf8).write(to: folder.appending(path: "out.csv"))
    do {
      let sink = try OutputSink(path: path("out.csv"))
      try sink.write("new")
      try sink.flush()
      #expect(names.count == 2)
    }
    #expect(names == ["out.csv"])
    #expect(contents("out.csv") == "old")
  }

  @Test(arguments: [true, false])
  func `a dangling symbolic link stays and its target is created`(isRelative: Bool) throws {
    try FileManager.default.createSymbolicLink(
      atPath: path("link"), withDestinationPath: isRelative ? "new" : path("new"))
    let sink = try OutputSink(path: path("link"))
    try sink.write("new")
    try sink.finish()
    #expect(contents("new") == "new" && contents("link") == "new")
    #expect(names == ["link", "new"])
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: path("link")).hasSuffix("new"))
  }

  @Test func `a symbolic link stays and its target is replaced`() throws {
    try Data("old".utf8).write(to: folder.appending(path: "real"))
    try FileManager.default.createSymbolicLink(
      atPath: path("link"), withDestinationPath: path("real"))
    let sink = try OutputSink(path: path("link"))
    try sink.write("new")
    try sink.finish()
    #expect(contents("real") == "new")
    #expect(
      (try? FileManager.default.destinationOfSymbolicLink(atPath: path("link"))) == path("real"))
  }

  @Test func `a folder, or a file in a missing folder, is refused as output`() {
    for bad in [folder.path, path("missing/out.csv")] {
      let error = #expect(throws: CommandFailure.self) { _ = try OutputSink(path: bad) }
      #expect(error?.status == .cannotCreate)
    }
  }

  /// What a program prints; nil if it fails.
  private func output(of words: String...) throws -> Data? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? data : nil
  }

  @Test(arguments: [
    ("out.csv.gz", "gzip"), ("out.csv.zst", "zstd"), ("out.csv.bz2", "bzip2"), ("out.XZ", "xz"),
  ])
  func `a suffix compresses, and the file appears when it is complete`(
    name: String, program: String
  ) throws {
    try #require(try output(of: "which", program) != nil, "\(program) is not installed")
    var expected = ""
    for copy in [name, "again-" + name] {
      let sink = try OutputSink(path: path(copy))
      expected = ""
      for number in 0..<20_000 {
        try sink.write("line \(number)\n")
        expected += "line \(number)\n"
      }
      try sink.flush()
      #expect(contents(copy) == nil)
      try sink.finish()
    }
    #expect(try output(of: program, "-dc", path(name)) == Data(expected.utf8))
    #expect(names == ["again-" + name, name])
    // No name and no time in the file: equal output is equal bytes.
    let files = FileManager.default
    #expect(files.contents(atPath: path(name)) == files.contents(atPath: path("again-" + name)))
  }

  @Test func `without finish a compressed file leaves nothing`() throws {
    do {
      let sink = try OutputSink(path: path("out.csv.gz"))
      try sink.write("new")
      try sink.flush()
    }
    #expect(names.isEmpty)
  }

  @Test(arguments: ["out.npy", "out.npy.gz"])
  func `the start is written last, to a file and to a program that compresses`(
    name: String
  ) throws {
    let sink = try OutputSink(path: path(name))
    try sink.prepareToOverwriteStart()
    try sink.write("????")
    try sink.write(String(repeating: "x", count: 600_000))
    try sink.overwriteStart(with: Array("head".utf8))
    try sink.finish()
    let expected = Data(("head" + String(repeating: "x", count: 600_000)).utf8)
    #expect(try output(of: name.hasSuffix("gz") ? "zcat" : "cat", path(name)) == expected)
    #expect(names == [name])
  }

  @Test func `a device is written directly`() throws {
    let sink = try OutputSink(path: "/dev/null")
    try sink.write("x")
    try sink.finish()
  }
}
