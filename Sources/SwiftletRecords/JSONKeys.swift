import SwiftletJSON

/// A key of an object and, if its value is an object, the keys inside it.
struct JSONMember {
  let key: String
  let members: [JSONMember]

  /// Reads the keys of the next value, an object.
  static func members(from reader: inout JSONReader) throws(JSONError) -> [JSONMember] {
    var members: [JSONMember] = []
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      let name = key.string
      if try reader.peek() == .object {
        members.append(JSONMember(key: name, members: try Self.members(from: &reader)))
      } else {
        members.append(JSONMember(key: name, members: []))
        try reader.skipValue()
      }
    }
    return members
  }

  /// Returns the keys that lead to `name`, as `review.body`; nil if there is no such value. A key
  /// that contains a dot comes before keys inside an object.
  static func path(to name: Substring, in members: [JSONMember]) -> [String]? {
    if let member = members.first(where: { $0.key.utf8.elementsEqual(name.utf8) }) {
      return [member.key]
    }
    for member in members where !member.members.isEmpty && name.utf8.starts(with: member.key.utf8) {
      let rest = name.utf8.dropFirst(member.key.utf8.count)
      guard rest.first == UInt8(ascii: ".") else { continue }
      if let path = path(to: Substring(rest.dropFirst()), in: member.members) {
        return [member.key] + path
      }
    }
    return nil
  }
}

/// Where the values of a record are in the objects of a file.
struct JSONKeys {
  /// The names of the values, as `review.body`.
  let names: [String]
  /// The keys that lead to each value from the object.
  let paths: [[String]]
  // Indices of ``names``.
  let text: Int
  let pair: Int?
  let label: Int?
  let id: Int?
  /// Empty if all members of an object are kept.
  let kept: [Int]
  let keptNames: [String]
  let keptRoles: [ColumnRole?]
  let requiresID: Bool

  /// Finds the keys in the first object as columns in a header.
  init(
    of members: [JSONMember], choice: ColumnChoice, wantsLabel: Bool, file: String
  ) throws(RecordError) {
    var choice = choice
    choice.hasHeader = true
    let keys = members.map(\.key)
    let nested = choice.names.compactMap { name in
      JSONMember.path(to: name[...], in: members).flatMap { $0.count > 1 ? (name, $0) : nil }
    }
    let layout = try ColumnLayout(
      firstRow: keys, nested: nested.map(\.0), choice: choice, wantsLabel: wantsLabel, file: file)
    let all = keys + nested.map(\.0)
    let allPaths = keys.map { [$0] } + nested.map(\.1)
    var names: [String] = []
    var paths: [[String]] = []
    func slot(_ column: Int) -> Int {
      names.append(all[column])
      paths.append(allPaths[column])
      return names.count - 1
    }
    text = slot(layout.text)
    pair = layout.pair.map(slot)
    label = layout.label.map(slot)
    id = layout.id.map(slot)
    kept = choice.kept == .all ? [] : layout.kept.map(slot)
    keptNames = layout.kept.map { all[$0] }
    keptRoles = layout.kept.map(layout.role)
    requiresID = choice.id != nil
    (self.names, self.paths) = (names, paths)
  }

  /// What a key of the object is for, if all of them are kept.
  func role(of key: String) -> ColumnRole? {
    func isAt(_ slot: Int?) -> Bool { slot.map { paths[$0] == [key] } ?? false }
    if isAt(text) { return .text }
    if isAt(id) { return .id }
    if isAt(pair) { return .pair }
    return isAt(label) ? .label : nil
  }
}
