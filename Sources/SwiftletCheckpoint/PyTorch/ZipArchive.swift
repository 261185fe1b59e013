import SwiftletSafetensors

/// The entries of a zip archive as `torch.save` writes it: stored, not compressed, so that an entry is a
/// range of the file.
///
/// Reads the central directory, in both forms, and checks it against the local headers: names, methods and
/// sizes are equal, and no two entries overlap. Checksums are not checked, as in PyTorch.
struct ZipArchive {
  /// An entry's place in the file.
  struct Entry {
    let name: String
    let range: Range<Int>
  }

  /// All entries in the order of the file, without folders.
  let entries: [Entry]
  private let ranges: [String: Range<Int>]

  static let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

  /// - Throws: `damagedArchive`, and `compressedEntry` for an entry that is compressed or encrypted.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(PyTorchError) {
    let end = try ZipEnd(bytes, file: file)
    var cursor = ByteCursor(bytes, end.directory)
    var found: [(header: Int, entry: Entry)] = []
    for _ in 0..<end.entryCount {
      guard let record = ZipRecord(&cursor, bytes) else {
        throw .damagedArchive(
          file: file, reason: "its directory ends at byte \(cursor.offset), before the last entry")
      }
      let range = try record.data(in: bytes, before: end.directory.lowerBound, file: file)
      found.append((record.header, Entry(name: record.name, range: range)))
    }
    guard cursor.remaining == 0 else {
      throw .damagedArchive(
        file: file,
        reason: "its directory has \(cursor.remaining) bytes after its \(end.entryCount) entries")
    }
    found.sort { $0.header < $1.header }
    for (first, second) in zip(found, found.dropFirst())
    where first.entry.range.upperBound > second.header {
      throw .damagedArchive(
        file: file,
        reason: "the entries \(quoted(first.entry.name)) and \(quoted(second.entry.name)) overlap")
    }
    entries = found.map(\.entry).filter { !$0.name.hasSuffix("/") }
    var ranges: [String: Range<Int>] = [:]
    for entry in entries where ranges.updateValue(entry.range, forKey: entry.name) != nil {
      throw .damagedArchive(file: file, reason: "it has two entries \(quoted(entry.name))")
    }
    self.ranges = ranges
  }

  subscript(name: String) -> Range<Int>? { ranges[name] }
}

/// The record at the end of an archive, which says where the central directory is.
private struct ZipEnd {
  let directory: Range<Int>
  let entryCount: Int

  private static let size = 22
  private static let maxCommentSize = 0xFFFF
  /// The size of the record that leads to the 64-bit form of this record, which is before it.
  private static let locatorSize = 20
  /// The smallest entry of a directory.
  private static let minRecordSize = 46

  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(PyTorchError) {
    guard let place = Self.place(in: bytes) else {
      throw .damagedArchive(
        file: file, reason: "it has no directory at its end, so it is truncated")
    }
    var cursor = ByteCursor(bytes, place + 8..<place + 20)
    guard cursor.integer(UInt16.self) != nil, let count = cursor.integer(UInt16.self),
      let size = cursor.integer(UInt32.self), let start = cursor.integer(UInt32.self)
    else { throw .damagedArchive(file: file, reason: "the record at its end is too short") }
    var (limit, fields) = (place, (count: UInt64(count), size: UInt64(size), start: UInt64(start)))
    if let wide = Self.wideFields(bytes, before: place) { (limit, fields) = wide }
    guard let count = Int(exactly: fields.count), let size = Int(exactly: fields.size),
      let start = Int(exactly: fields.start), start <= limit, size <= limit - start
    else {
      throw .damagedArchive(
        file: file,
        reason:
          "its directory has \(fields.size) bytes from byte \(fields.start), which the file of "
          + "\(bytes.count) bytes does not hold")
    }
    guard count <= size / Self.minRecordSize else {
      throw .damagedArchive(
        file: file, reason: "its directory of \(size) bytes can't have \(count) entries")
    }
    directory = start..<start + size
    entryCount = count
  }

  /// The last place with the record's signature and a comment that fills the file.
  private static func place(in bytes: UnsafeRawBufferPointer) -> Int? {
    var place = bytes.count - size
    while place >= max(0, bytes.count - size - maxCommentSize) {
      var cursor = ByteCursor(bytes, place..<bytes.count)
      if cursor.integer(UInt32.self) == 0x0605_4B50 {
        var comment = ByteCursor(bytes, place + 20..<bytes.count)
        if let length = comment.integer(UInt16.self), Int(length) == comment.remaining {
          return place
        }
      }
      place -= 1
    }
    return nil
  }

  /// The values and the place of the 64-bit form; nil without one.
  private static func wideFields(
    _ bytes: UnsafeRawBufferPointer, before end: Int
  ) -> (Int, (count: UInt64, size: UInt64, start: UInt64))? {
    guard end >= locatorSize else { return nil }
    var locator = ByteCursor(bytes, end - locatorSize..<end)
    guard locator.integer(UInt32.self) == 0x0706_4B50, locator.integer(UInt32.self) != nil,
      let place = locator.integer(UInt64.self).flatMap({ Int(exactly: $0) }),
      place <= end - locatorSize
    else { return nil }
    var cursor = ByteCursor(bytes, place..<end - locatorSize)
    guard cursor.integer(UInt32.self) == 0x0606_4B50, cursor.range(28) != nil,
      let count = cursor.integer(UInt64.self), let size = cursor.integer(UInt64.self),
      let start = cursor.integer(UInt64.self)
    else { return nil }
    return (place, (count, size, start))
  }
}
