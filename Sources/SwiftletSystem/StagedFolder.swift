import Glibc

/// A folder that takes its name whole or not at all: filled beside it, synced, then renamed.
///
/// Dropped before ``commit(replacing:)``, it leaves nothing behind.
package final class StagedFolder {
  /// Where the files are to be put meanwhile.
  package let path: String
  private let destination: String
  private var isCommitted = false

  /// A destination that is a link is the folder that it names.
  package init(destination: String) throws(FileError) {
    self.destination = Self.resolved(destination)
    path = try Self.makeSibling(of: self.destination)
  }

  private static func resolved(_ path: String) -> String {
    if let real = realpath(path, nil) {
      defer { free(real) }
      return String(cString: real)
    }
    var path = path[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return String(path)
  }

  deinit {
    if !isCommitted { Self.remove(path) }
  }

  /// The path of a file to be written under this name, `folder/file` for one in a folder of its own,
  /// which is made.
  package func place(of name: String) throws(FileError) -> String {
    var parts = name.split(separator: "/")
    parts.removeLast()
    var folder = path
    for part in parts {
      folder += "/" + part
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
        throw FileError("create", path: folder)
      }
    }
    return path + "/" + name
  }

  /// Writes a small file of this name.
  package func write(_ bytes: UnsafeRawBufferPointer, to name: String) throws(FileError) {
    try FileWriting.create(try place(of: name), with: bytes)
  }

  /// Checks that ``commit(replacing:)`` will do what it is to do, once `names` are written too.
  ///
  /// What has the folder's name must be an empty folder, or, if `replacing`, one that holds nothing
  /// but what this folder has too.
  ///
  /// - Throws: `ENOTDIR` for what is not a folder, `ENOTEMPTY` for a folder with anything else in it
  ///   (the error's path names the first that was found), `EEXIST` for one that only `replacing` lets go.
  package func check(replacing: Bool, expecting names: [String] = []) throws(FileError) {
    var known = Set(try Self.contents(of: path))
    for name in names {
      let parts = name.split(separator: "/")
      for count in parts.indices { known.insert(parts[...count].joined(separator: "/")) }
    }
    try Self.check(destination, replacing: replacing, known: known)
  }

  private static func check(
    _ destination: String, replacing: Bool, known: Set<String>
  ) throws(FileError) {
    var status = stat()
    guard lstat(destination, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw FileError("replace", path: destination, code: ENOTDIR)
    }
    let isEmpty = try Self.forEachName(in: destination) { (name) throws(FileError) in
      // Folders of other names are not entered: they may be all that the machine has.
      guard known.contains(name) else {
        throw FileError("replace", path: destination + "/" + name, code: ENOTEMPTY)
      }
    }
    guard replacing || isEmpty else {
      throw FileError("replace", path: destination, code: EEXIST)
    }
  }

  /// Gives the folder its name, if ``check(replacing:expecting:)`` has nothing against it.
  package func commit(replacing: Bool) throws(FileError) {
    try check(replacing: replacing)
    Self.sync(path)
    for name in try Self.contents(of: path) where Self.isFolder(path + "/" + name) {
      Self.sync(path + "/" + name)
    }
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

  /// What is in a folder and in the folders within: names relative to it, a folder before what it
  /// holds.
  private static func contents(of path: String) throws(FileError) -> [String] {
    var names: [String] = []
    _ = try forEachName(in: path) { names.append($0) }
    return names
  }

  /// Calls `body` with all that ``contents(of:)`` lists, a folder before it is entered; returns
  /// whether there is nothing.
  private static func forEachName(
    in path: String, prefix: String = "", _ body: (String) throws(FileError) -> Void
  ) throws(FileError) -> Bool {
    guard let folder = opendir(path) else { throw FileError("read", path: path) }
    defer { closedir(folder) }
    var isEmpty = true
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      isEmpty = false
      try body(prefix + name)
      let place = path + "/" + name
      if isFolder(place) { _ = try forEachName(in: place, prefix: prefix + name + "/", body) }
    }
    return isEmpty
  }

  /// False for a link to a folder.
  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Deletes a folder with all that it holds.
  private static func remove(_ path: String) {
    for name in (try? contents(of: path))?.reversed() ?? [] {
      let entry = path + "/" + name
      if unlink(entry) != 0 { rmdir(entry) }
    }
    rmdir(path)
  }

  private static func sync(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
