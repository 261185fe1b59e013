import SwiftletRecords
import Testing

@testable import SwiftletCLI

@Suite struct GroupColumnTests {
  private static func columns(_ names: String...) -> [RecordColumn] {
    names.map { RecordColumn(name: $0, value: .text("value of \($0)")) }
  }

  @Test(
    arguments: [
      ("source", .none, columns("source"), "source"),
      ("source", .named(["day"]), columns("day", "source"), "source"),
      ("source", .named(["source", "day"]), columns("source", "day"), "source"),
      ("SOURCE", .named(["source", "day"]), columns("source", "day"), "source"),
      ("day", .all, columns("id", "source", "day"), "day"),
      ("2", .all, columns("id", "source", "day"), "source"),
      ("2", .none, columns("source"), "source"),
    ] as [(String, KeptColumns, [RecordColumn], String)])
  func `a group is found beside the copied columns, also if it is one of them`(
    name: String, copied: KeptColumns, columns: [RecordColumn], expected: String
  ) {
    #expect(GroupColumn(name, beside: copied).value(in: columns) == "value of \(expected)")
  }

  @Test func `a number is refused where named columns are copied`() {
    #expect(GroupColumn("2", beside: .named(["day"])).problem?.contains("--group-by 2") == true)
    #expect(GroupColumn("2", beside: .all).problem == nil)
    #expect(GroupColumn("day", beside: .named(["day"])).problem == nil)
  }
}
