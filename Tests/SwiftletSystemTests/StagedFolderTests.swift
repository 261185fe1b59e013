import Foundation
import Glibc
import Synchronization
import SwiftletTestSupport
import Testing

@testable import SwiftletSystem

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

  @Test func `a folder is never missing while it is replaced`() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/target"
    try commit(["a": "0"], to: target, replacing: false)
    try #require(exchanges(in: directory), "the file system exchanges folders")
    let isOver = Atomic(false)
    let failures = Atomic(0)
    let missing = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 2) { worker in
      if worker == 0 {
        defer { isOver.store(true, ordering: .releasing) }
        for number in 1...100 {
          do {
            try commit(["a": "\(number)"], to: target, replacing: true)
          } catch {
            failures.wrappingAdd(1, ordering: .relaxed)
          }
        }
      } else {
        while !isOver.load(ordering: .acquiring) {
          if access(target, F_OK) != 0 { missing.wrappingAdd(1, ordering: .relaxed) }
        }
      }
    }
    #expect(missing.load(ordering: .relaxed) == 0 && failures.load(ordering: .relaxed) == 0)
    #expect(try text(target + "/a") == "100")
    try clear(target)
    #expect(directory.names.isEmpty, "the old folders are deleted")
  }

  @Test(arguments: [ENOSYS, EINVAL, EOPNOTSUPP])
  func `a folder is replaced where two folders can't be exchanged`(code: Int32) throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/target"
    try commit(["a": "one", "b": "x"], to: target, replacing: false)
    let folder = try StagedFolder(destination: target)
    try write("two", to: "a", in: folder)
    try write("y", to: "b", in: folder)
    try folder.commit(replacing: true, exchanging: { _, _ in code })
    #expect(try text(target + "/a") == "two" && text(target + "/b") == "y")
    try clear(target)
    #expect(directory.names.isEmpty, "the old folders are deleted")
  }

  @Test func `a folder stays as it was if the exchange fails`() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/target"
    try commit(["a": "one"], to: target, replacing: false)
    do {
      let folder = try StagedFolder(destination: target)
      try write("two", to: "a", in: folder)
      let error = #expect(throws: FileError.self) {
        try folder.commit(replacing: true, exchanging: { _, _ in EIO })
      }
      #expect(error?.code == EIO)
    }
    #expect(try text(target + "/a") == "one")
    try clear(target)
  }

  @Test func `a file of any size is copied in blocks`() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path + "/target"
    // Three blocks, the last one not full, and a part that the file system does not store.
    var bytes = [UInt8](repeating: 0, count: 2_500_000)
    for index in stride(from: 1_900_000, to: bytes.count, by: 7) { bytes[index] = 9 }
    let source = try directory.write(bytes, to: "source")
    let folder = try StagedFolder(destination: target)
    try folder.copy(source, to: "a")
    try folder.copy(try directory.write([], to: "empty"), to: "b")
    try folder.commit(replacing: false)
    let copy = try FileContents(path: target + "/a", loading: .read)
    #expect(copy.bytes.elementsEqual(bytes))
    #expect(try text(target + "/b").isEmpty)
    let other = try StagedFolder(destination: target)
    let error = #expect(throws: FileError.self) { try other.copy(directory.path, to: "a") }
    #expect(error?.code == FileError.notRegular)
    try clear(target)
  }

  /// Whether the file system of a directory exchanges two folders.
  private func exchanges(in directory: TemporaryDirectory) -> Bool {
    let names = ["first", "second"].map { directory.path + "/" + $0 }
    for name in names { mkdir(name, 0o777) }
    defer { for name in names { rmdir(name) } }
    return StagedFolder.exchange(names[0], names[1]) == 0
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
