import Foundation
import SwiftletJSON
import Testing

@testable import SwiftletCLI

@Suite struct EventStreamTests {
  private let path = NSTemporaryDirectory() + "swiftlet-events-\(UUID().uuidString).jsonl"

  private func contents() -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  @Test func `a log is emptied by its first event, not before`() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "old\n".write(toFile: path, atomically: true, encoding: .utf8)
    let stream = try EventStream(path: path, appends: false)
    #expect(contents() == "old\n")
    try stream.write(.object([("event", .string("a"))]))
    try stream.write(.int(1))
    #expect(contents() == "{\"event\":\"a\"}\n1\n")
  }

  @Test func `the log of a resumed training is continued`() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "old\n".write(toFile: path, atomically: true, encoding: .utf8)
    try EventStream(path: path, appends: true).write(.int(1))
    #expect(contents() == "old\n1\n")
  }

  @Test func `a log that was never written to does not exist`() throws {
    _ = try EventStream(path: path, appends: false)
    #expect(contents() == nil)
  }

  @Test func `a log in a folder that does not exist is refused at once`() throws {
    let failure = #expect(throws: CommandFailure.self) {
      _ = try EventStream(path: "/nowhere/log", appends: false)
    }
    #expect(failure?.status == .cannotCreate)
    #expect(failure?.description.contains("/nowhere/log") == true)
  }
}
