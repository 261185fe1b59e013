import Glibc
import SwiftletSystem
import SwiftletTestSupport
import Testing

@Suite struct StagedFolderTests {
  @Test func `a folder takes its name only when it is committed`() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/target"
    do {
      let folder = try StagedFolder(destination: target)
      try write("one", to: "a", in: folder)
      #expect(access(target, F_OK) != 0)
      try folder.commit(replacing: false)
    }
    #expect(try text(target + "/a") == "one")
    try clear(target)
  }

  @Test func `a dropped folder is removed`() throws {
    let directory = try TemporaryDirectory()
    var staged = ""
    do {
      let folder = try StagedFolder(destination: directory.path + "/target")
      try write("one", to: "a", in: folder)
      staged = folder.path
      #expect(access(staged, F_OK) == 0)
    }
    #expect(access(staged, F_OK) != 0)
    #expect(access(directory.path + "/target", F_OK) != 0)
  }

  @Test func `a folder is replaced only on request, by one that has all its files`() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/target"
    try commit(["a": "one", "b": "x"], to: target, replacing: false)
    let error = #expect(throws: FileError.self) {
      try commit(["a": "two", "b": "x"], to: target, replacing: false)
    }
    #expect(error?.code == ENOTEMPTY || error?.code == EEXIST)
    #expect(throws: FileError.self) { try commit(["a": "two"], to: target, replacing: true) }
    #expect(try text(target + "/a") == "one")
    try commit(["a": "three", "b": "y", "c": "z"], to: target, replacing: true)
    #expect(try text(target + "/a") == "three")
    #expect(try text(target + "/c") == "z")
    try clear(target)
  }

  @Test func `subfolders are committed and removed with the folder`() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/target"
    try commit(["a": "one", "in/b": "x", "in/deep/c": "y"], to: target, replacing: false)
    #expect(try text(target + "/in/deep/c") == "y")
    #expect(throws: FileError.self) {
      try commit(["a": "two", "in/b": "x"], to: target, replacing: true)
    }
    #expect(try text(target + "/a") == "one")
    try commit(["a": "two", "in/b": "x", "in/deep/c": "z"], to: target, replacing: true)
    #expect(try text(target + "/in/deep/c") == "z")
    let dropped = try StagedFolder(destination: target)
    try write("three", to: "in/deep/c", in: dropped)
    for name in ["a", "in/b", "in/deep/c"] { unlink(target + "/" + name) }
    for name in ["in/deep", "in"] { rmdir(target + "/" + name) }
    #expect(try text(dropped.path + "/in/deep/c") == "three")
    rmdir(target)
  }

  @Test func `an obstacle is found before the folder is filled`() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/target"
    try commit(["a": "one", "in/b": "x"], to: target, replacing: false)
    let folder = try StagedFolder(destination: target)
    try folder.check(replacing: true, expecting: ["a", "in/b", "c"])
    for (replacing, names, code) in [
      (true, ["a"], ENOTEMPTY), (true, ["a", "in"], ENOTEMPTY), (false, ["a", "in/b"], EEXIST),
    ] {
      let error = #expect(throws: FileError.self) {
        try folder.check(replacing: replacing, expecting: names)
      }
      #expect(error?.code == code)
    }
    unlink(target + "/in/b")
    rmdir(target + "/in")
    try clear(target)
  }

  @Test func `a folder of another name is an obstacle, and is not entered`() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/target"
    for folder in ["", "/other", "/other/deep"] { #expect(mkdir(target + folder, 0o777) == 0) }
    let folder = try StagedFolder(destination: target)
    for replacing in [false, true] {
      let error = #expect(throws: FileError.self) {
        try folder.check(replacing: replacing, expecting: ["a", "in/other"])
      }
      #expect(error?.code == ENOTEMPTY && error?.path.hasSuffix("/target/other") == true)
    }
    for folder in ["/other/deep", "/other", ""] { rmdir(target + folder) }
  }

  @Test func `a link to a folder is that folder`() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/target"
    let link = directory.path + "/link"
    #expect(mkdir(target, 0o777) == 0 && symlink("target", link) == 0)
    try commit(["a": "one"], to: link, replacing: false)
    #expect(try text(target + "/a") == "one")
    unlink(link)
    try clear(target)
  }

  @Test func `a name taken by a file or in a missing folder is an error`() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write([1], to: "file")
    for (path, replacing) in [(file, false), (file, true)] {
      #expect(throws: FileError.self) {
        try commit(["a": "one"], to: path, replacing: replacing)
      }
    }
    for path in [file + "/below", directory.path + "/none/below"] {
      #expect(throws: FileError.self) { _ = try StagedFolder(destination: path) }
    }
    #expect(try text(file) == "\u{1}")
  }

  private func commit(
    _ files: [String: String], to path: String, replacing: Bool
  ) throws {
    let folder = try StagedFolder(destination: path)
    for (name, text) in files { try write(text, to: name, in: folder) }
    try folder.commit(replacing: replacing)
  }

  private func write(_ text: String, to name: String, in folder: StagedFolder) throws {
    try Array(text.utf8).withUnsafeBytes { try folder.write($0, to: name) }
  }

  private func text(_ path: String) throws -> String {
    let file = try FileContents(path: path, loading: .read)
    return withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
  }

  /// The temporary directory removes only files and empty folders.
  private func clear(_ path: String) throws {
    for name in ["a", "b", "c"] { unlink(path + "/" + name) }
    #expect(rmdir(path) == 0)
  }
}
