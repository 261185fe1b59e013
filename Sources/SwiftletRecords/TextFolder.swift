import Glibc
import SwiftletSystem

/// The `.txt` files in a folder.
///
/// The names of sub-folders are labels, as in `text_dataset_from_directory` of Keras: if any of them
/// has texts, files beside them are skipped. Files are in the order of their names' bytes. Hidden
/// files and links to folders are skipped.
package struct TextFolder {
  struct Entry: Equatable {
    let path: String
    /// The name of the sub-folder at the top.
    let label: String?
  }

  let entries: [Entry]
  /// The number of texts beside sub-folders with texts.
  let skippedCount: Int
  /// The size of all files together.
  package let totalBytes: Int

  /// The deepest level of sub-folders.
  private static let depthLimit = 64

  /// Lists the files.
  ///
  /// - Throws: If a folder can't be read, or has no `.txt` file at any level.
  package init(path: String) throws(RecordError) {
    var (texts, folders): (Listing, [Entry]) = (Listing(), [])
    let base = path.hasSuffix("/") ? path : path + "/"
    for name in try Self.names(in: path) {
      switch try Kind(base + name) {
      case .folder: folders.append(Entry(path: base + name, label: name))
      case .file(let bytes) where Self.isText(name):
        texts.add(Entry(path: base + name, label: nil), bytes)
      default: break
      }
    }
    var labelled = Listing()
    for folder in folders { try Self.collect(folder, into: &labelled, depth: 1) }
    let found = labelled.entries.isEmpty ? texts : labelled
    guard !found.entries.isEmpty else { throw .emptyFolder(path) }
    entries = found.entries
    totalBytes = found.bytes
    skippedCount = labelled.entries.isEmpty ? 0 : texts.entries.count
  }

  private struct Listing {
    private(set) var entries: [Entry] = []
    private(set) var bytes = 0

    mutating func add(_ entry: Entry, _ size: Int) {
      entries.append(entry)
      bytes = bytes.addingReportingOverflow(size).partialValue
    }
  }

  private static func collect(
    _ folder: Entry, into listing: inout Listing, depth: Int
  ) throws(RecordError) {
    guard depth <= depthLimit else {
      throw .file(FileError("read", path: folder.path, code: ELOOP))
    }
    for name in try names(in: folder.path) {
      let entry = Entry(path: "\(folder.path)/\(name)", label: folder.label)
      switch try Kind(entry.path) {
      case .folder: try collect(entry, into: &listing, depth: depth + 1)
      case .file(let bytes) where isText(name): listing.add(entry, bytes)
      default: break
      }
    }
  }

  private static func isText(_ name: String) -> Bool { RecordFormat(path: name) == .lines }

  private enum Kind {
    case file(bytes: Int)
    case folder
    case other

    init(_ path: String) throws(RecordError) {
      var status = stat()
      guard lstat(path, &status) == 0 else { throw .file(FileError("find", path: path)) }
      if status.st_mode & S_IFMT == S_IFDIR {
        self = .folder
        return
      }
      // A link counts if it leads to a file.
      self =
        stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        ? .file(bytes: Int(status.st_size)) : .other
    }
  }

  /// Returns the names in a folder, sorted by their bytes, without hidden ones.
  private static func names(in path: String) throws(RecordError) -> [String] {
    guard let folder = opendir(path) else { throw .file(FileError("open", path: path)) }
    defer { closedir(folder) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let name else {
        throw .file(FileError("read a name in", path: path, code: EILSEQ))
      }
      if !name.utf8.starts(with: ".".utf8) { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw .file(FileError("read", path: path)) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
