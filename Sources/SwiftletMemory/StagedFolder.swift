import Glibc

/// A folder that takes its name whole or not at all: filled beside it, synced, then renamed.
///
/// Dropped before ``commit(replacing:)``, it leaves nothing behind.
package final class StagedFolder {
  /// Where the files are to be put meanwhile.
  package let path: String
  private let destination: String
  private var isCommitted = false

  package init(destination: String) throws(FileError) {
    var destination = destination[...]
    while destination.count > 1, destination.hasSuffix("/") { destination.removeLast() }
    self.destination = String(destination)
    path = try Self.makeSibling(of: self.destination)
  }

  deinit {
    if !isCommitted { Self.remove(path) }
  }

  /// Writes a small file of this name.
  package func write(_ bytes: UnsafeRawBufferPointer, to name: String) throws(FileError) {
    let file = path + "/" + name
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("create", path: file) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError("write", path: file) }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw FileError("sync", path: file) }
  }

  /// Gives the folder its name. What has that name must be an empty folder, or, if `replacing`, one
  /// that holds nothing but plain files that this folder has too; else `EEXIST` or `ENOTEMPTY`.
  package func commit(replacing: Bool) throws(FileError) {
    Self.sync(path)
    if rename(path, destination) == 0 {
      isCommitted = true
    } else if replacing, errno == ENOTEMPTY || errno == EEXIST {
      try replace()
    } else {
      throw FileError("create", path: destination)
    }
    Self.sync(Self.parent(of: destination))
  }

  /// Moves the old folder aside, puts the new one in its place, and deletes the old one.
  private func replace() throws(FileError) {
    let known = Set(try Self.contents(of: path))
    guard try Self.contents(of: destination).allSatisfy(known.contains) else {
      throw FileError("replace", path: destination, code: ENOTEMPTY)
    }
    let aside = try Self.makeSibling(of: destination)
    guard rename(destination, aside) == 0 else {
      let error = FileError("replace", path: destination)
      rmdir(aside)
      throw error
    }
    guard rename(path, destination) == 0 else {
      let error = FileError("replace", path: destination)
      rename(aside, destination)
      throw error
    }
    isCommitted = true
    Self.remove(aside)
  }

  /// A new folder in the same folder, so that renaming it doesn't cross file systems.
  private static func makeSibling(of path: String) throws(FileError) -> String {
    for _ in 0..<16 {
      let tag = String(UInt64.random(in: 0...UInt64.max), radix: 36)
      let candidate = parent(of: path) + "/.swiftlet-\(tag).tmp"
      if mkdir(candidate, 0o777) == 0 { return candidate }
      guard errno == EEXIST || errno == EINTR else { throw FileError("create", path: path) }
    }
    throw FileError("create", path: path, code: EEXIST)
  }

  /// `.` for a name in the current directory.
  private static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The names in a folder.
  private static func contents(of path: String) throws(FileError) -> [String] {
    guard let folder = opendir(path) else { throw FileError("read", path: path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Deletes a folder of plain files.
  private static func remove(_ path: String) {
    for name in (try? contents(of: path)) ?? [] { unlink(path + "/" + name) }
    rmdir(path)
  }

  private static func sync(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
