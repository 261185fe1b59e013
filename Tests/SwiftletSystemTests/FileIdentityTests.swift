import Foundation
import SwiftletSystem
import Testing

@Suite final class FileIdentityTests {
  private let folder =
    FileManager.default.temporaryDirectory.appending(path: "identity-\(UUID().uuidString)").path

  init() throws {
    let files = FileManager.default
    try files.createDirectory(atPath: folder + "/a/b", withIntermediateDirectories: true)
    try Data("x".utf8).write(to: URL(filePath: folder + "/a/file"))
    try files.linkItem(atPath: folder + "/a/file", toPath: folder + "/hard")
    try files.createSymbolicLink(atPath: folder + "/soft", withDestinationPath: "a/file")
    try files.createSymbolicLink(atPath: folder + "/way", withDestinationPath: "a/b")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @Test(arguments: ["a/file", "hard", "soft", "./a/../a//file", "way/../file"])
  func `all names of a file have one identity`(name: String) {
    let identity = FileIdentity(of: folder + "/" + name)
    #expect(identity == FileIdentity(of: folder + "/a/file"))
    #expect(identity?.isRegularFile == true)
    #expect(identity != FileIdentity(of: folder + "/a"))
  }

  @Test func `a missing file has no identity, and a folder is not a regular file`() {
    #expect(FileIdentity(of: folder + "/none") == nil)
    #expect(FileIdentity(of: Int32(-1)) == nil)
    #expect(FileIdentity(of: folder)?.isRegularFile == false)
  }

  @Test(arguments: [
    ("", "a"), ("", "a/b"), ("", "a/none"), ("", "none/"), ("", "way/none"), ("a", "way"),
    ("a", "way/none"), ("a", "a/b/../none"), ("a/b", "way/none"),
  ])
  func `a folder contains existing and future files within it`(outer: String, inner: String) throws
  {
    let outer = try #require(FileIdentity(of: folder + "/" + outer))
    #expect(outer.contains(folder + "/" + inner))
  }

  @Test(arguments: [
    ("a", "a"), ("a", ""), ("a/b", "a"), ("a/b", "a/none"), ("a/b", "way"), ("a", "hard"),
    ("a", "none"), ("a", "none/none"), ("a", "/"),
  ])
  func `a folder contains neither itself nor files elsewhere`(outer: String, inner: String) throws {
    let outer = try #require(FileIdentity(of: folder + "/" + outer))
    #expect(!outer.contains(inner == "/" ? inner : folder + "/" + inner))
  }

  @Test func `the root contains everything but itself`() throws {
    let root = try #require(FileIdentity(of: "/"))
    #expect(root.contains(folder) && root.contains("/none") && !root.contains("/"))
  }
}
