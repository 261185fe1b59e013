import SwiftletRecords
import Testing

/// Keys inside the objects of a JSON Lines file, selected as `review.body`.
struct NestedKeyTests {
  private func record(_ text: String, _ columns: ColumnChoice) throws -> Record {
    try #require(try records(text + "\n", .jsonLines, columns: columns).last)
  }

  @Test func `a value inside objects is selected for every role`() throws {
    let text = #"{"r":{"body":"A","s":{"n":5,"id":"k"},"b":"B"},"x":1}"#
    let choice = ColumnChoice(
      text: "r.body", pair: "r.b", label: "r.s.n", id: "r.s.id", kept: .named(["r.s", "r.s.n"]))
    let found = try record(text, choice)
    #expect(found.text == "A" && found.pair == "B" && found.label == "5" && found.id == "k")
    #expect(
      found.columns == [
        RecordColumn(name: "r.s", value: .json(#"{"n":5,"id":"k"}"#)),
        RecordColumn(name: "r.s.n", value: .json("5"), role: .label),
      ])
  }

  @Test func `a key that contains the dot comes first`() throws {
    let choice = ColumnChoice(text: "a.b")
    #expect(try record(#"{"a":{"b":"inside"},"a.b":"key"}"#, choice).text == "key")
    #expect(
      try record(#"{"a":{"b.c":"x","b":{"c":"y"}}}"#, ColumnChoice(text: "a.b.c")).text == "x")
    #expect(try record(#"{"a.b":{"c":"x"},"a":{"b":{}}}"#, ColumnChoice(text: "a.b.c")).text == "x")
  }

  @Test func `the last of a repeated key counts`() throws {
    let choice = ColumnChoice(text: "a.b")
    let first = #"{"a":{"b":"x"}}"# + "\n"
    #expect(try record(first + #"{"a":{"b":"y"},"a":{"b":"z","b":"w"}}"#, choice).text == "w")
    #expect(
      try failure(first + #"{"a":{"b":"y"},"a":1}"#, .jsonLines, columns: choice)
        == "FILE:2: the object has no key \"a.b\"")
  }

  @Test func `a nested key that is missing is an error`() throws {
    let choice = ColumnChoice(text: "a.b")
    #expect(
      try failure(#"{"a":{"c":"x"},"d":1}"#, .jsonLines, columns: choice).hasPrefix(
        "FILE: no column \"a.b\" for --text-column; the file has "))
    #expect(
      try failure(#"{"a":{"b":"x"}}"# + "\n" + #"{"a":{"b":[1]}}"#, .jsonLines, columns: choice)
        == "FILE:2: expected a string for the key \"a.b\", found an array")
  }
}
