#if Hub
import SwiftletJSON

/// The files of a commit with their sizes and hashes, as the Hub lists them.
struct TreeListing: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    let path: String
    let size: Int
    /// The name of the file's blob in Git.
    let blobID: String
    /// The SHA-256 and the size of a large file.
    var largeFile: (sha256: String, size: Int)?
    var xetHash: String?

    static func == (left: Self, right: Self) -> Bool {
      left.path == right.path && left.size == right.size && left.blobID == right.blobID
        && left.largeFile?.sha256 == right.largeFile?.sha256
        && left.largeFile?.size == right.largeFile?.size && left.xetHash == right.xetHash
    }
  }

  /// Sorted by the scalars of their paths, each path once.
  let entries: [Entry]

  /// The largest list that is read.
  static let maxBytes = 64 << 20
  private static let formatVersion = 1

  /// Sorts the entries; of several with the same path the last one counts, as in Python.
  init(_ entries: [Entry]) {
    let sorted = entries.enumerated().sorted { left, right in
      let (one, other) = (left.element.path.unicodeScalars, right.element.path.unicodeScalars)
      if one.elementsEqual(other) { return left.offset < right.offset }
      return one.lexicographicallyPrecedes(other)
    }
    var result: [Entry] = []
    for (_, entry) in sorted {
      if let last = result.last, last.path.utf8.elementsEqual(entry.path.utf8) {
        result.removeLast()
      }
      result.append(entry)
    }
    self.entries = result
  }

  /// The entry of a file; nil if the commit lacks it.
  subscript(path: String) -> Entry? {
    entries.first { $0.path.utf8.elementsEqual(path.utf8) }
  }

  /// Whether huggingface_hub would use the list: it ignores one with a malformed hash.
  var isValid: Bool { entries.allSatisfy { $0.xetHash?.isHexadecimal(count: 64) ?? true } }
}

// MARK: Reading

extension TreeListing {
  /// Reads `trees/COMMIT.json` of the cache; nil if it is not a list of this version.
  init?(file bytes: UnsafeRawBufferPointer) {
    let text = bytes.assumingMemoryBound(to: UInt8.self)
    guard let value = try? JSONValue(text, rules: .python),
      value["format_version"]?.int == Self.formatVersion, let files = value["files"]
    else { return nil }
    var entries: [Entry] = []
    for (path, value) in files.members {
      guard let size = value["size"]?.int, size >= 0, let id = value["blob_id"]?.string else {
        return nil
      }
      var entry = Entry(path: path, size: size, blobID: id, xetHash: value["xet_hash"]?.string)
      if let hash = value["lfs_sha256"]?.string, let size = value["lfs_size"]?.int {
        entry.largeFile = (hash, size)
      }
      entries.append(entry)
    }
    self.init(entries)
    guard isValid else { return nil }
  }

  /// The files on a page of the Hub's answer; nil if it is not a list of files and folders.
  static func page(_ bytes: [UInt8]) -> [Entry]? {
    let value = bytes.withUnsafeBufferPointer { try? JSONValue($0, rules: .python) }
    guard case .array(let elements) = value else { return nil }
    var entries: [Entry] = []
    for element in elements where element["type"]?.string == "file" {
      guard let path = element["path"]?.string, let size = element["size"]?.int, size >= 0,
        let id = element["oid"]?.string
      else { return nil }
      var entry = Entry(path: path, size: size, blobID: id, xetHash: element["xetHash"]?.string)
      if let large = element["lfs"] {
        guard let hash = large["oid"]?.string, let size = large["size"]?.int else { return nil }
        entry.largeFile = (hash, size)
      }
      entries.append(entry)
    }
    return entries
  }
}

// MARK: Writing

extension TreeListing {
  /// The bytes that huggingface_hub writes: `json.dumps` with an indent of one space and escapes for
  /// everything except ASCII.
  var json: [UInt8] {
    var text = "{\n \"format_version\": \(Self.formatVersion),\n \"files\": {"
    for (index, entry) in entries.enumerated() {
      text += (index == 0 ? "" : ",") + "\n  \(Self.quoted(entry.path)): {\n"
      text += Self.members(of: entry).map { "   \"\($0.key)\": \($0.value)" }
        .joined(separator: ",\n")
      text += "\n  }"
    }
    text += entries.isEmpty ? "}\n}" : "\n }\n}"
    return Array(text.utf8)
  }

  private static func members(of entry: Entry) -> [(key: String, value: String)] {
    var members = [("size", "\(entry.size)"), ("blob_id", quoted(entry.blobID))]
    if let large = entry.largeFile {
      members += [("lfs_sha256", quoted(large.sha256)), ("lfs_size", "\(large.size)")]
    }
    if let hash = entry.xetHash { members.append(("xet_hash", quoted(hash))) }
    return members
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for unit in text.utf16 {
      switch unit {
      case 0x22: result += "\\\""
      case 0x5C: result += "\\\\"
      case 0x08: result += "\\b"
      case 0x0C: result += "\\f"
      case 0x0A: result += "\\n"
      case 0x0D: result += "\\r"
      case 0x09: result += "\\t"
      case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return result + "\""
  }
}
#endif
