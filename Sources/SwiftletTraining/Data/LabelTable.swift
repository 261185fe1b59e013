/// The labels of a source, numbered in the order in which they first occur until they are sorted.
struct LabelTable {
  struct Entry {
    let name: String
    /// The provisional number.
    let number: Int32
    /// The line of the first row with the label.
    let line: Int
    var count: Int
  }

  private(set) var entries: [Entry] = []
  private var indices: [String: Int] = [:]

  /// Returns the number of a label and counts it `count` times.
  mutating func number(of name: String, line: Int, count: Int = 1) -> Int32 {
    if let index = indices[name] {
      entries[index].count += count
      return Int32(index)
    }
    indices[name] = entries.count
    let number = Int32(entries.count)
    entries.append(Entry(name: name, number: number, line: line, count: count))
    return number
  }
}

/// The labels of a model in the order of its outputs.
struct LabelOrder: Equatable {
  let names: [String]
  /// A clause for the plan.
  let reason: String
  /// The new number of each old one.
  let numbers: [Int32]

  /// Keeps the labels of a teacher; `numbers` are the places of the data's labels among them.
  init(teacher names: [String], numbers: [Int32]) {
    (self.names, self.numbers, reason) = (names, numbers, "in the order of the teacher")
  }

  /// Orders the labels of training data: as the base model has them if all are among them,
  /// otherwise by number, or by Unicode scalars.
  init(_ found: [String], base: [String]) {
    if let numbers = Self.match(found, to: base) {
      (self.names, self.numbers, reason) = (base, numbers, "in the order of the base model")
      return
    }
    let values = found.map { Double($0) }
    let areNumbers = values.allSatisfy { $0 != nil && $0?.isNaN == false }
    let order = found.indices.sorted { left, right in
      if areNumbers, let first = values[left], let second = values[right], first != second {
        return first < second
      }
      return found[left].utf8.lexicographicallyPrecedes(found[right].utf8)
    }
    var numbers = [Int32](repeating: 0, count: found.count)
    for (new, old) in order.enumerated() { numbers[old] = Int32(new) }
    self.numbers = numbers
    names = order.map { found[$0] }
    reason = areNumbers ? "sorted by number" : "sorted"
  }

  /// Returns the place of each label among `names`: by the same name, by the name in any case, or
  /// by its number from 0 if there are as many labels and no name is a number; nil if a label has no
  /// place, or two have the same.
  private static func match(_ found: [String], to names: [String]) -> [Int32]? {
    guard names.count > 1 else { return nil }
    if let places = distinct(places(of: found, names)) { return places }
    let folded = names.map { $0.lowercased() }
    if let places = distinct(places(of: found.map { $0.lowercased() }, folded)) { return places }
    guard found.count == names.count, names.allSatisfy({ Int($0) == nil }) else { return nil }
    return distinct(
      found.map { name in Int(name).flatMap { names.indices.contains($0) ? $0 : nil } })
  }

  private static func places(of found: [String], _ names: [String]) -> [Int?] {
    let indices = Dictionary(zip(names, names.indices)) { first, _ in first }
    return found.map { indices[$0] }
  }

  private static func distinct(_ places: [Int?]) -> [Int32]? {
    let known = places.compactMap(\.self)
    guard known.count == places.count, Set(known).count == known.count else { return nil }
    return known.map(Int32.init)
  }

  /// Returns the place of each label of other data among `names`, as `swiftlet evaluate` finds it:
  /// by the same name, by the name in any case, or by its number from 0 unless a name is a number;
  /// -1 for a label that is not there.
  static func places(of found: [String], in names: [String]) -> [Int32] {
    let exact = places(of: found, names)
    let folded = places(of: found.map { $0.lowercased() }, names.map { $0.lowercased() })
    let takesNumbers = names.allSatisfy { Int($0) == nil }
    return found.indices.map { index in
      if let place = exact[index] ?? folded[index] { return Int32(place) }
      guard takesNumbers, let number = Int(found[index]), names.indices.contains(number) else {
        return -1
      }
      return Int32(number)
    }
  }
}
