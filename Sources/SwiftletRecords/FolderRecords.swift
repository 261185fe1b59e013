import SwiftletJSON

/// Reads the files of a ``TextFolder``, each of which is one text. A line break at its end is not
/// part of the text.
final class FolderRecords: RecordSource {
  private let folder: TextFolder
  private let path: String
  private let encoding: TextEncoding?
  private let limit: Int
  private var index = 0
  private(set) var bytesRead = 0

  init(
    path: String, encoding: TextEncoding?, columns: ColumnChoice, wantsLabel: Bool, limit: Int
  ) throws(RecordError) {
    if let role = columns.selectedRole { throw .noColumns(file: path, role: role, isFolder: true) }
    folder = try TextFolder(path: path)
    if wantsLabel, folder.entries.contains(where: { $0.label == nil }) {
      throw .unlabelledFolder(path)
    }
    self.path = path
    self.encoding = encoding
    self.limit = limit
  }

  var totalBytes: Int? { folder.totalBytes }

  /// Reads the next file, even after one that could not be read.
  func next() throws(RecordError) -> Record? {
    guard index < folder.entries.count else { return nil }
    let entry = folder.entries[index]
    index += 1
    let source = try ByteSource(path: entry.path, encoding: encoding)
    defer { bytesRead += source.bytesRead }
    return Record(
      number: index, line: 1, id: entry.path, text: try text(of: source), label: entry.label,
      file: entry.path)
  }

  private func text(of source: ByteSource) throws(RecordError) -> String {
    var bytes: [UInt8] = []
    while try source.fill() {
      let window = source.window
      guard bytes.count + window.count <= limit else {
        throw .recordTooLong(file: source.name, line: 1, limit: limit)
      }
      bytes.append(contentsOf: window)
      source.consume(window.count)
    }
    try bytes.withUnsafeBufferPointer { (bytes) throws(RecordError) in
      guard let bad = UTF8Validation.firstInvalidOffset(in: bytes) else { return }
      let start = bytes[..<bad].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      let line = 1 + bytes[..<start].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
      let fault = EncodingFault(in: bytes, at: bad, from: start, of: source)
      throw .notUTF8(file: source.name, line: line, fault)
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  func takeNotes() -> [String] {
    guard index == 0, folder.skippedCount > 0 else { return [] }
    let count = folder.skippedCount
    return [
      "\(path): the sub-folders are labels; \(count) .txt \(count == 1 ? "file" : "files") beside"
        + " them \(count == 1 ? "is" : "are") not read"
    ]
  }
}
