import Foundation
import SwiftletRecords
import Testing

@testable import SwiftletCLI

@Suite final class RecordFeedTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "feed-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  private func input(_ name: String, _ contents: [UInt8]) throws -> TextInput {
    let file = folder.appending(path: name)
    try Data(contents).write(to: file)
    return TextInput(path: file.path, format: .lines, columns: ColumnChoice(), wantsLabel: false)
  }

  private func lines(_ range: ClosedRange<Int>) -> [UInt8] {
    range.flatMap { Array("line \($0)\n".utf8) }
  }

  @Test(arguments: [1, 3, 64, 5000])
  func `all files come in order, in full chunks`(rows: Int) throws {
    let inputs = [
      try input("a.txt", lines(1...3000)), try input("empty.txt", []),
      try input("b.txt", lines(3001...3010)),
    ]
    let feed = try RecordFeed(inputs, aheadRows: rows)
    let limit = ChunkLimit(rows: rows)
    var seen: [SourcedText] = []
    while true {
      let chunk = try feed.next(limit)
      guard !chunk.isEmpty else { break }
      #expect(chunk.count <= rows)
      seen += chunk
    }
    #expect(seen.map(\.text) == (1...3010).map { "line \($0)" })
    #expect(seen.last?.record == 10)
    #expect(seen.last?.place == "\(inputs[2].path):10")
    #expect(seen.last?.bytesThrough == TextInput.totalBytes(of: inputs))
    #expect(try feed.next(limit).isEmpty)
  }

  private func rows(_ name: String, _ text: String, keepsBadRows: Bool) throws -> [SourcedText] {
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    let format: RecordFormat = name.hasSuffix("csv") ? .csv : .jsonLines
    let input = TextInput(
      path: file.path, format: format, columns: ColumnChoice(), wantsLabel: false)
    let feed = try RecordFeed([input], keepsBadRows: keepsBadRows)
    var seen: [SourcedText] = []
    while case let chunk = try feed.next(ChunkLimit(rows: 2)), !chunk.isEmpty { seen += chunk }
    return seen
  }

  @Test func `bad rows keep their number, place and reason, and the next rows are read`() throws {
    let table = try rows("a.csv", "id,text\n1,a\n2\n3,b\n4,c,d\n5,e\n", keepsBadRows: true)
    #expect(table.map(\.text) == ["a", "", "b", "", "e"])
    #expect(table.map(\.record) == [1, 2, 3, 4, 5] && table.map(\.line) == [2, 3, 4, 5, 6])
    #expect(
      table.compactMap(\.problem)
        == ["expected 2 columns, found 1", "expected 2 columns, found 3"])
    let objects = try rows(
      "a.jsonl", "{\"text\":\"a\"}\n{\n\n[]\n{\"t\":1}\n{\"text\":2}\n{\"text\":\"b\"}\n",
      keepsBadRows: true)
    #expect(objects.map(\.text) == ["a", "", "", "", "", "b"])
    #expect(
      objects.map(\.record) == [1, 2, 3, 4, 5, 6] && objects.map(\.line) == [1, 2, 4, 5, 6, 7])
    #expect(objects.compactMap(\.problem).count == 4)
  }

  @Test func `an error that ends the file is thrown, and so are all if bad rows are not kept`()
    throws
  {
    #expect(throws: RecordError.self) {
      try rows("a.csv", "id,text\n1,a\n2\n", keepsBadRows: false)
    }
    for bad in ["id,text\n1,\"a\n", "id,text\n1,\"a\" b\n", "id,text\n1,\"a\\\" b\"\n2,c\n"] {
      #expect(throws: RecordError.self) { try rows("a.csv", bad, keepsBadRows: true) }
    }
  }

  @Test func `notes on the format come with the first texts, repairs at the end`() throws {
    let table = folder.appending(path: "a.csv")
    try Data("text;label\nA, b;pos\n".utf8).write(to: table)
    let objects = folder.appending(path: "b.jsonl")
    try Data("{\"text\": \"C \\ud83d\"}\n".utf8).write(to: objects)
    let feed = try RecordFeed([
      TextInput(path: table.path, format: .csv, columns: ColumnChoice(), wantsLabel: false),
      TextInput(path: objects.path, format: .jsonLines, columns: ColumnChoice(), wantsLabel: false),
    ])
    let limit = ChunkLimit(rows: 8)
    #expect(try feed.next(limit).map(\.text) == ["A, b", "C \u{FFFD}"])
    let first = feed.takeNotes()
    #expect(first.count == 1 && first[0].contains("semicolons, not commas"))
    #expect(try feed.next(limit).isEmpty)
    let last = feed.takeNotes()
    #expect(last.count == 1 && last[0].contains("b.jsonl:1 has a lone surrogate"))
    #expect(try feed.next(limit).isEmpty && feed.takeNotes().isEmpty)
  }

  @Test func `rows before an error come before it`() throws {
    let broken = try input("broken.txt", lines(1...5) + [0xFF, 0x0A])
    let feed = try RecordFeed([broken])
    let limit = ChunkLimit(rows: 2)
    #expect(try feed.next(limit).count == 2)
    #expect(try feed.next(limit).count == 2)
    #expect(try feed.next(limit).map(\.text) == ["line 5"])
    let error = #expect(throws: RecordError.self) { _ = try feed.next(limit) }
    #expect(error?.description.hasPrefix("\(broken.path):6: not UTF-8") == true)
  }

  @Test func `a text larger than the queue's limit passes`() throws {
    let huge = [UInt8](repeating: UInt8(ascii: "x"), count: 6 << 20)
    let inputs = [try input("huge.txt", huge + [0x0A] + huge + [0x0A] + lines(1...2))]
    let feed = try RecordFeed(inputs)
    let limit = ChunkLimit(rows: nil)
    var counts: [Int] = []
    while true {
      let chunk = try feed.next(limit)
      guard !chunk.isEmpty else { break }
      counts.append(chunk.count)
    }
    #expect(counts == [1, 1, 2])
  }

  @Test func `a missing file and a folder are refused before any row is read`() throws {
    for path in [folder.path, folder.path + "/nowhere.txt"] {
      let input = TextInput(path: path, format: .lines, columns: ColumnChoice(), wantsLabel: false)
      let error = #expect(throws: RecordError.self) { try input.check() }
      #expect(error.map { CommandFailure($0).status } == .missingInput)
    }
  }

  @Test func `kept columns are read with the texts, however large they are`() throws {
    let value = String(repeating: "x", count: 1 << 20)
    let rows = (0..<20).map { "\($0),\(value)\n" }.joined()
    let choice = ColumnChoice(kept: .named(["n"]))
    let file = try input("large.csv", Array("text,n\n\(rows)".utf8))
    let feed = try RecordFeed([
      TextInput(path: file.path, format: .csv, columns: choice, wantsLabel: false)
    ])
    var texts: [String] = []
    while case let chunk = try feed.next(ChunkLimit(rows: 4096, bytes: 1 << 20)), !chunk.isEmpty {
      texts += chunk.map(\.text)
      for text in chunk {
        #expect(text.columns == [RecordColumn(name: "n", value: .text(value))])
      }
    }
    #expect(texts == (0..<20).map(String.init))
  }
}
