#if Hub
import Glibc
import SwiftletSystem

/// The folder of one repository in the cache, in the layout of huggingface_hub.
///
/// Files are `blobs/ETAG`; `snapshots/COMMIT` has links to them, under their names in the repository;
/// `refs/BRANCH` has the commit of a branch; `.no_exist` has names that a commit lacks.
struct HubCache: Sendable {
  /// The cache's own folder, absolute.
  let root: String
  let repository: RepositoryName
  /// False if snapshots must have the files themselves instead of links.
  let usesLinks: Bool

  init(_ settings: HubSettings, _ repository: RepositoryName) {
    root = Self.absolute(settings.cache)
    self.repository = repository
    usesLinks = settings.usesLinks
  }

  // MARK: Paths

  var folder: String { "\(root)/\(repository.folderName)" }

  func snapshot(_ commit: Commit) -> String { "\(folder)/snapshots/\(commit)" }

  func file(_ file: RepositoryFile, of commit: Commit) -> String { "\(snapshot(commit))/\(file)" }

  func blob(_ tag: EntityTag) -> String { "\(folder)/blobs/\(tag)" }

  func lock(_ tag: EntityTag) -> String {
    "\(root)/.locks/\(repository.folderName)/\(tag).lock"
  }

  func reference(_ revision: Revision) -> String { "\(folder)/refs/\(revision)" }

  func tree(_ commit: Commit) -> String { "\(folder)/trees/\(commit).json" }

  func absence(of file: RepositoryFile, in commit: Commit) -> String {
    "\(folder)/.no_exist/\(commit)/\(file)"
  }

  /// The path with links resolved as far as it exists.
  private static func absolute(_ path: String) -> String {
    var existing = path
    var rest = ""
    while !existing.isEmpty, existing != "/" {
      if let real = ProcessArguments.resolved(existing) { return real == "/" ? rest : real + rest }
      guard let slash = existing.lastIndex(of: "/") else {
        return (ProcessArguments.resolved(".") ?? ".") + "/" + existing + rest
      }
      let name = existing[existing.index(after: slash)...]
      if !name.isEmpty { rest = "/" + name + rest }
      existing = String(existing[..<slash])
    }
    return rest.isEmpty ? "/" : rest
  }

  // MARK: Reading

  func has(_ file: RepositoryFile, of commit: Commit) -> Bool {
    FileIdentity(of: self.file(file, of: commit)) != nil
  }

  func has(_ commit: Commit) -> Bool { FileIdentity(of: snapshot(commit)) != nil }

  func hasBlob(_ tag: EntityTag) -> Bool { FileIdentity(of: blob(tag)) != nil }

  /// The commit of a revision when it was last downloaded; nil if it never was.
  func commit(of revision: Revision) -> Commit? {
    if let commit = revision.commit { return commit }
    return Commit(text(of: reference(revision)) ?? "")
  }

  /// The text of a small file; nil if it can't be read.
  private func text(of path: String) -> String? {
    guard let file = try? FileContents(path: path, loading: .read, limit: 4096) else { return nil }
    return withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
  }

  /// The files of a commit as the Hub listed them; nil if the list is not in the cache.
  func listing(of commit: Commit) -> TreeListing? {
    let limit = TreeListing.maxBytes
    guard let file = try? FileContents(path: tree(commit), loading: .read, limit: limit) else {
      return nil
    }
    return withExtendedLifetime(file) { TreeListing(file: file.bytes) }
  }
}

// MARK: Writing

extension HubCache {
  /// Creates the folders above `path`.
  func makeFolder(of path: String) throws(HubError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    var folder = ""
    for part in parts.dropFirst() {
      folder += "/" + part
      guard mkdir(folder, 0o777) != 0, errno != EEXIST else { continue }
      let code = errno
      // A read-only file system fails so for folders that exist.
      guard FileStatus.exists(folder) else {
        throw .unwritable(path: folder, reason: String(cString: strerror(code)))
      }
    }
  }

  /// Writes `CACHEDIR.TAG`, which tells backup programs that the files can be downloaded again.
  func tag() {
    Array(Self.tagText.utf8).withUnsafeBytes { bytes in
      try? FileWriting.create("\(root)/CACHEDIR.TAG", with: bytes)
    }
  }

  /// Byte for byte that of huggingface_hub.
  private static let tagText = """
    Signature: 8a477f597d28d172789f06886806bc55
    # This file is a cache directory tag created by huggingface_hub.
    # For information about cache directory tags, see:
    #\thttps://bford.info/cachedir/

    """

  /// Records the commit of a branch or tag, if it is not recorded already.
  func record(_ commit: Commit, of revision: Revision) throws(HubError) {
    let path = reference(revision)
    guard revision.commit != commit, text(of: path) != commit.description else { return }
    try makeFolder(of: path)
    try replace(path, with: Array(commit.description.utf8))
  }

  func record(_ listing: TreeListing, of commit: Commit) throws(HubError) {
    let path = tree(commit)
    try makeFolder(of: path)
    try replace(path, with: listing.json)
  }

  /// Records that a commit has no such file.
  func recordAbsence(of file: RepositoryFile, in commit: Commit) throws(HubError) {
    let path = absence(of: file, in: commit)
    guard FileIdentity(of: path) == nil else { return }
    try makeFolder(of: path)
    try replace(path, with: [])
  }

  private func replace(_ path: String, with bytes: [UInt8]) throws(HubError) {
    do throws(FileError) {
      let file = try StagedFile(replacing: path)
      try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try file.write(UnsafeRawBufferPointer(bytes))
      }
      try file.commit()
    } catch {
      throw .unwritable(path: error.path, reason: error.reason)
    }
  }
}
#endif
