import Foundation
import SwiftletRecords
import Testing

/// Folders of text files.
@Suite final class FolderTests {
  private let folder: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory.appending(path: "texts-\(UUID().uuidString)")
      .path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ files: [String: [UInt8]]) throws {
    for (name, bytes) in files {
      let file = URL(filePath: "\(folder)/\(name)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }
  }

  private func write(_ files: [String: String]) throws {
    try write(files.mapValues { Array($0.utf8) })
  }

  private func records(
    _ path: String? = nil, _ columns: ColumnChoice = ColumnChoice(), wantsLabel: Bool = false,
    limit: Int = 1000
  ) throws -> [Record] {
    let reader = try RecordReader(
      path: path ?? folder, format: .folder, columns: columns, wantsLabel: wantsLabel,
      recordLimit: limit)
    var records: [Record] = []
    while let record = try reader.next() { records.append(record) }
    #expect(reader.bytesRead == reader.totalBytes)
    return records
  }

  private func message(_ columns: ColumnChoice = ColumnChoice(), wantsLabel: Bool = false) throws
    -> String
  {
    let error = #expect(throws: RecordError.self) {
      try records(nil, columns, wantsLabel: wantsLabel)
    }
    return try #require(error).description.replacing(folder, with: "FOLDER")
  }

  @Test func `each text file is one text, in the order of the names' bytes`() throws {
    try write([
      "b.txt": "B\r\n", "a.txt": "two\nlines\n\n", "Z.TXT": "Z", "é.txt": "", ".hidden.txt": "no",
      "c.md": "no", "10.txt": "ten",
    ])
    let found = try records(folder + "/")
    #expect(found.map(\.text) == ["ten", "Z", "two\nlines\n", "B", ""])
    #expect(found.map(\.number) == [1, 2, 3, 4, 5])
    #expect(found[0].id == "\(folder)/10.txt" && found[0].file == found[0].id)
    #expect(found.allSatisfy { $0.label == nil })
  }

  @Test func `the names of sub-folders are labels, and files beside them are skipped`() throws {
    try write([
      "pos/2.txt": "P2", "pos/10.txt": "P10", "neg/a.txt": "N", "neg/deep/b.txt": "D",
      "urls.txt": "no", "none/x.csv": "no",
    ])
    let found = try records(wantsLabel: true)
    #expect(found.map(\.text) == ["N", "D", "P10", "P2"])
    #expect(found.map(\.label) == ["neg", "neg", "pos", "pos"])
    let reader = try RecordReader(path: folder, format: .folder)
    #expect(
      reader.takeNotes() == [
        "\(folder): the sub-folders are labels; 1 .txt file beside them is not read"
      ])
    _ = try reader.next()
    #expect(reader.takeNotes().isEmpty)
  }

  @Test func `links to files are read, and links to folders are not followed`() throws {
    try write(["a.txt": "A"])
    let files = FileManager.default
    try files.createSymbolicLink(atPath: folder + "/link.txt", withDestinationPath: "a.txt")
    try files.createSymbolicLink(atPath: folder + "/loop", withDestinationPath: ".")
    try files.createSymbolicLink(atPath: folder + "/lost.txt", withDestinationPath: "nowhere")
    #expect(try records().map(\.text) == ["A", "A"])
  }

  @Test func `texts may be in another encoding`() throws {
    try write(["a.txt": [0xFF, 0xFE, 0xE9, 0x00]])
    #expect(try records().map(\.text) == ["é"])
  }

  @Test func `a folder without texts, or without wanted labels, is an error`() throws {
    try write(["x.csv": "text\n"])
    #expect(
      try message()
        == "FOLDER: the folder has no .txt files; give files of other formats by their names")
    try write(["a.txt": "A"])
    #expect(try message(wantsLabel: true).hasPrefix("FOLDER: the texts have no labels; put them"))
    #expect(
      try message(ColumnChoice(text: "text")).hasPrefix(
        "FOLDER: a folder of texts has no text column; "))
    #expect(throws: RecordError.self) { try records(folder + "/nowhere") }
    #expect(throws: RecordError.self) { try records(folder + "/a.txt") }
  }

  @Test func `a file that can't be read is named, and the next one is read`() throws {
    try write(["a.txt": Array("ok\nbad ".utf8) + [0xE9], "b.txt": Array("B".utf8)])
    try write(["c.txt": String(repeating: "x", count: 1001)])
    let reader = try RecordReader(path: folder, format: .folder, recordLimit: 1000)
    let error = #expect(throws: RecordError.self) { try reader.next() }
    #expect(error?.description.hasPrefix("\(folder)/a.txt:2: not UTF-8: byte 5 is 0xE9; ") == true)
    #expect(try reader.next()?.text == "B")
    let long = #expect(throws: RecordError.self) { try reader.next() }
    #expect(long?.description.hasPrefix("\(folder)/c.txt:1: the record that starts here") == true)
    #expect(try reader.next() == nil)
  }
}
