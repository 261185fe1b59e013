import Foundation
import SwiftletSystem
import Testing

@Suite final class LockedFileTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "locked-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private func write(_ text: String, to file: LockedFile) throws {
    try Array(text.utf8).withUnsafeBytes { bytes in
      try FileWriting.write(bytes, to: file.descriptor, path: file.path)
    }
  }

  private func contents(_ name: String) -> String? {
    FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `what is written stays without a commit, and is cut where the next owner wants`()
    throws
  {
    try write("first,second", to: try LockedFile(path: path("a")))
    let file = try LockedFile(path: path("a"))
    #expect(try file.size() == 12)
    try file.truncate(to: 6)
    try write("third", to: file)
    #expect(contents("a") == "first,third")
  }

  @Test func `only one owner at a time has the file`() throws {
    var first: LockedFile? = try LockedFile(path: path("a"))
    let error = #expect(throws: FileError.self) { _ = try LockedFile(path: self.path("a")) }
    #expect(error?.operation == "lock" && error?.code == EWOULDBLOCK)
    #expect(try first?.size() == 0)
    first = nil
    _ = try LockedFile(path: path("a"))
  }

  @Test func `renaming replaces the destination and frees the name`() throws {
    try Data("old".utf8).write(to: folder.appending(path: "b"))
    let file = try LockedFile(path: path("a"))
    try write("new", to: file)
    try file.rename(to: path("b"))
    #expect(contents("b") == "new" && contents("a") == nil)
    // The renamed file is still locked by `file`, the name is not.
    try write("other", to: try LockedFile(path: path("a")))
    #expect(contents("b") == "new" && contents("a") == "other")
  }

  @Test func `folders, links and missing folders are refused`() throws {
    try FileManager.default.createSymbolicLink(
      atPath: path("link"), withDestinationPath: path("target"))
    for bad in [folder.path, path("link"), path("missing/a")] {
      #expect(throws: FileError.self) { _ = try LockedFile(path: bad) }
    }
    #expect(contents("target") == nil)
  }
}
