import Foundation
import Testing

@testable import SwiftletCLI

@Suite final class PartialOutputTests {
  private let folder: URL
  private let identity = RunIdentity([.init(name: "command", value: "classify")])

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "partial-\(UUID().uuidString)")
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

  private func open(resumes: Bool, _ other: RunIdentity? = nil) throws -> PartialOutput {
    try PartialOutput(of: path("out.csv"), other ?? identity, resumes: resumes)
  }

  /// Writes `text` and records `records` rows; then writes what is not recorded.
  private func interrupt(_ text: String, records: Int, unrecorded: String = "") throws {
    let partial = try open(resumes: false)
    let sink = OutputSink(partial)
    try sink.write(text)
    try sink.flush()
    var progress = partial.progress
    progress.records = records
    try partial.record(progress)
    try sink.write(unrecorded)
    try sink.flush()
  }

  @Test func `a complete run leaves only its output`() throws {
    let partial = try open(resumes: false)
    #expect(names == ["out.csv.partial", "out.csv.partial.state"])
    let sink = OutputSink(partial)
    try sink.write("a\n")
    try sink.finish()
    #expect(names == ["out.csv"] && contents("out.csv") == "a\n")
  }

  @Test func `a run without rows leaves nothing`() throws {
    _ = try open(resumes: false)
    #expect(names == [])
  }

  @Test func `a resumed run cuts off what was not recorded and goes on`() throws {
    try interrupt("a\nb\n", records: 2, unrecorded: "c, which is incompl")
    #expect(names == ["out.csv.partial", "out.csv.partial.state"])
    let partial = try open(resumes: true)
    #expect(partial.resumedRecords == 2 && partial.progress.bytes == 4)
    let sink = OutputSink(partial)
    try sink.write("c\n")
    try sink.finish()
    #expect(names == ["out.csv"] && contents("out.csv") == "a\nb\nc\n")
  }

  @Test func `rows of an interrupted run are never replaced`() throws {
    try interrupt("a\n", records: 1)
    let error = #expect(throws: CommandFailure.self) { _ = try self.open(resumes: false) }
    #expect(error?.description.contains("has 1 row of an interrupted run; give --resume") == true)
    #expect(contents("out.csv.partial") == "a\n")
    #expect(try open(resumes: true).resumedRecords == 1)
  }

  @Test func `another run is not resumed, and the rows stay`() throws {
    try interrupt("a\n", records: 1)
    let other = RunIdentity([.init(name: "command", value: "embed")])
    let error = #expect(throws: CommandFailure.self) { _ = try self.open(resumes: true, other) }
    #expect(error?.description.contains("command was classify, and is embed now") == true)
    #expect(names.count == 2 && contents("out.csv.partial") == "a\n")
  }

  @Test func `a file that was cut is not resumed`() throws {
    try interrupt("a\nb\n", records: 2)
    try Data("a".utf8).write(to: folder.appending(path: "out.csv.partial"))
    let error = #expect(throws: CommandFailure.self) { _ = try self.open(resumes: true) }
    #expect(error?.description.contains("it has 1 bytes, expected at least 4") == true)
  }

  @Test(arguments: ["", "{}", "{}\n{}\n", "{\"records\":-1}\n{}\n", "\u{0}", "[1,2"])
  func `a file without a readable state is not replaced`(state: String) throws {
    try Data("mine".utf8).write(to: folder.appending(path: "out.csv.partial"))
    if !state.isEmpty {
      try Data(state.utf8).write(to: folder.appending(path: "out.csv.partial.state"))
    }
    for resumes in [true, false] {
      let error = #expect(throws: CommandFailure.self) { _ = try self.open(resumes: resumes) }
      #expect(error?.description.contains("does not say what it is") == true)
    }
    #expect(contents("out.csv.partial") == "mine")
    #expect(names.count == (state.isEmpty ? 1 : 2))
  }

  @Test func `a state without rows is that of a run that begins again`() throws {
    try interrupt("a\n", records: 1)
    try FileManager.default.removeItem(atPath: path("out.csv.partial"))
    #expect(try open(resumes: false).resumedRecords == 0)
    #expect(names == [])
  }

  @Test func `two runs cannot write one output`() throws {
    let first = try open(resumes: false)
    let error = #expect(throws: CommandFailure.self) { _ = try self.open(resumes: true) }
    #expect(error?.description.contains("another process is writing it") == true)
    #expect(first.progress.records == 0 && names.count == 2)
  }

  @Test func `the line of progress has one size and is read back`() {
    var progress = RunProgress()
    let size = progress.line.count
    (progress.records, progress.rows) = (1 << 50, 7)
    (progress.bytes, progress.errorBytes) = (1 << 40, 3)
    #expect(progress.line.count == size && size < 4096)
    let state = RunState(progress: progress, identity: identity)
    #expect(RunState(state.bytes) == state)
  }
}
