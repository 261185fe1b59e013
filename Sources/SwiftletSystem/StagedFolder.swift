import Glibc

/// Replaces a folder atomically: its files are written to a temporary sibling, which is renamed, or
/// exchanged with a folder that is replaced. On file systems that can't exchange two folders, as NFS, the
/// destination is missing for a moment.
///
/// Released before ``commit(replacing:)``, it deletes the temporary folder.
package final class StagedFolder {
  /// The temporary folder, where the files are written before the commit.
  package let path: String
  private let destination: String
  private var isCommitted = false

  /// Creates the temporary folder; a destination that is a link is followed.
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

  /// Returns the path at which to write the file `name`; creates the folders in `folder/file`.
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

  /// Writes a small file.
  package func write(_ bytes: UnsafeRawBufferPointer, to name: String) throws(FileError) {
    try FileWriting.create(try place(of: name), with: bytes)
  }

  /// Copies a file of any size.
  package func copy(_ source: String, to name: String) throws(FileError) {
    try FileWriting.copy(source, to: try place(of: name))
  }

  /// Throws what ``commit(replacing:)`` would throw after `names` have been written.
  ///
  /// The destination must be missing or empty; with `replacing` it may hold only files that this
  /// folder also holds.
  ///
  /// - Throws: `ENOTDIR` if the destination is not a folder, `ENOTEMPTY` if it holds another file
  ///   (the error's path names the first one found), `EEXIST` if it can be replaced only with
  ///   `replacing`.
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
      // Unknown folders are not entered: one may contain the whole file system.
      guard known.contains(name) else {
        throw FileError("replace", path: destination + "/" + name, code: ENOTEMPTY)
      }
    }
    guard replacing || isEmpty else {
      throw FileError("replace", path: destination, code: EEXIST)
    }
  }

  /// Renames the folder to its destination if ``check(replacing:expecting:)`` succeeds. Files of the
  /// old folder are deleted, those in `names` too.
  package func commit(replacing: Bool, expecting names: [String] = []) throws(FileError) {
    try commit(replacing: replacing, expecting: names, exchanging: Self.exchange)
  }

  /// `exchange` exchanges two paths and returns 0, or the error number.
  func commit(
    replacing: Bool, expecting names: [String] = [], exchanging exchange: (String, String) -> Int32
  ) throws(FileError) {
    try check(replacing: replacing, expecting: names)
    TemporarySibling.sync(folder: path)
    for name in try Self.contents(of: path) where Self.isFolder(path + "/" + name) {
      TemporarySibling.sync(folder: path + "/" + name)
    }
    var old: String?
    if rename(path, destination) == 0 {
      isCommitted = true
    } else if replacing, errno == ENOTEMPTY || errno == EEXIST {
      old = try replace(exchanging: exchange)
    } else {
      throw FileError("create", path: destination)
    }
    TemporarySibling.sync(folder: TemporarySibling.folder(of: destination))
    // Until the new name is on the disk, a crash of the system may bring the old folder back.
    if let old { Self.remove(old) }
  }

  /// Exchanges two paths of one file system; returns 0, or the error number.
  static func exchange(_ first: String, _ second: String) -> Int32 {
    guard let rename = renameFunction else { return ENOSYS }
    return rename(AT_FDCWD, first, AT_FDCWD, second, renameExchange) == 0 ? 0 : errno
  }

  private typealias RenameFunction =
    @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32

  /// renameat2(2), which glibc has since 2.28 and Swift's headers do not show.
  private static let renameFunction: RenameFunction? = dlsym(nil, "renameat2").map {
    unsafeBitCast($0, to: RenameFunction.self)
  }

  /// RENAME_EXCHANGE
  private static let renameExchange: UInt32 = 2

  /// Brings the new folder to the destination, and returns the path of the old one.
  private func replace(
    exchanging exchange: (String, String) -> Int32
  ) throws(FileError) -> String {
    switch exchange(path, destination) {
    case 0:
      isCommitted = true
      return path
    // The kernel or the file system can't.
    case ENOSYS, EINVAL, EOPNOTSUPP: return try replaceByTwoNames()
    case let code: throw FileError("replace", path: destination, code: code)
    }
  }

  /// Renames the old folder, and the new one to the destination.
  private func replaceByTwoNames() throws(FileError) -> String {
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
    return aside
  }

  private static func makeSibling(of path: String) throws(FileError) -> String {
    try TemporarySibling.make(of: path) { mkdir($0, 0o777) == 0 ? $0 : nil }
  }

  /// The entries of a folder and of its subfolders, as relative paths; each subfolder precedes its
  /// entries.
  private static func contents(of path: String) throws(FileError) -> [String] {
    var names: [String] = []
    _ = try forEachName(in: path) { names.append($0) }
    return names
  }

  /// Calls `body` with each name in the order of ``contents(of:)``; returns whether the folder is
  /// empty.
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

  /// Returns whether the path is a folder; false for a link to one.
  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Deletes a folder and its contents.
  private static func remove(_ path: String) {
    for name in (try? contents(of: path))?.reversed() ?? [] {
      let entry = path + "/" + name
      if unlink(entry) != 0 { rmdir(entry) }
    }
    rmdir(path)
  }
}
