import SwiftletSafetensors

/// Reads one pickle of the protocols 2 to 5 that describes tensors.
///
/// A pickle is a program for a stack machine, which can name any function of Python and call it. This
/// reader knows containers, numbers, strings and the names in ``PickleGlobal``; it refuses every other name
/// and instruction, and runs nothing. Memory grows with the number of instructions, which has a limit:
/// strings stay in the file, and containers are shared by index.
struct PickleReader {
  var cursor: ByteCursor
  let bytes: UnsafeRawBufferPointer
  let file: String
  var stack: [PickleValue] = []
  /// The heights of the stack at which a container's items begin.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  var objects = PickleObjects()
  private var budget = Self.instructionLimit

  /// A base model has some 8,000 instructions.
  static let instructionLimit = 1 << 18

  /// A pickle's value, and the place of the byte behind it.
  struct Result {
    let value: PickleValue
    let objects: PickleObjects
    let end: Int
  }

  /// Reads the pickle that begins at `range` and may end before its end.
  static func read(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, file: String
  ) throws(PyTorchError) -> Result {
    var reader = PickleReader(cursor: ByteCursor(bytes, range), bytes: bytes, file: file)
    guard reader.cursor.byte() == 0x80, let version = reader.cursor.byte() else {
      throw reader.damaged("it does not begin with a protocol version")
    }
    guard (2...5).contains(version) else {
      throw reader.damaged("protocol \(version), expected 2 to 5")
    }
    while true {
      try reader.charge(1)
      let code = try reader.require(reader.cursor.byte())
      if code == PickleInstruction.stop.rawValue { break }
      try reader.run(code)
    }
    let value = try reader.pop()
    return Result(value: value, objects: reader.objects, end: reader.cursor.offset)
  }

  private init(cursor: ByteCursor, bytes: UnsafeRawBufferPointer, file: String) {
    (self.cursor, self.bytes, self.file) = (cursor, bytes, file)
  }

  private mutating func run(_ code: UInt8) throws(PyTorchError) {
    if try pushConstant(code) { return }
    if try changeContainer(code) { return }
    if try useMemo(code) { return }
    if try callGlobal(code) { return }
    throw .unknownInstruction(
      file: file, offset: cursor.offset - 1, instruction: PickleInstruction.name(of: code))
  }

  // MARK: Constants

  /// Runs an instruction that pushes a number, a string or a singleton; false for any other.
  private mutating func pushConstant(_ code: UInt8) throws(PyTorchError) -> Bool {
    switch PickleInstruction(rawValue: code) {
    case .pushNone: stack.append(.none)
    case .newTrue: stack.append(.bool(true))
    case .newFalse: stack.append(.bool(false))
    case .binInt: stack.append(.integer(Int(try require(cursor.integer(Int32.self)))))
    case .binInt1: stack.append(.integer(Int(try require(cursor.integer(UInt8.self)))))
    case .binInt2: stack.append(.integer(Int(try require(cursor.integer(UInt16.self)))))
    case .long1: try pushLong(byteCount: Int(try require(cursor.integer(UInt8.self))))
    case .long4: try pushLong(byteCount: Int(try require(cursor.integer(Int32.self))))
    case .binFloat:
      let bits = UInt64(bigEndian: try require(cursor.integer(UInt64.self)))
      stack.append(.float(Double(bitPattern: UInt64(littleEndian: bits))))
    case .shortBinString, .shortBinUnicode:
      try pushString(byteCount: try require(cursor.integer(UInt8.self)))
    case .binString, .binUnicode:
      try pushString(byteCount: try require(cursor.integer(UInt32.self)))
    case .binUnicode8: try pushString(byteCount: try require(cursor.integer(UInt64.self)))
    default: return false
    }
    return true
  }

  private mutating func pushString(byteCount: some BinaryInteger) throws(PyTorchError) {
    stack.append(.string(try require(cursor.range(byteCount))))
  }

  /// A little-endian integer in two's complement.
  private mutating func pushLong(byteCount: Int) throws(PyTorchError) {
    let place = try require(cursor.range(byteCount))
    guard place.count <= 8 else { return stack.append(.wideInteger(place)) }
    var value: UInt64 = bytes[place].last.map { $0 & 0x80 == 0 } ?? true ? 0 : .max
    for byte in bytes[place].reversed() { value = value << 8 | UInt64(byte) }
    stack.append(.integer(Int(Int64(bitPattern: value))))
  }

  // MARK: Containers

  /// Runs an instruction that makes or fills a tuple, list or dictionary; false for any other.
  private mutating func changeContainer(_ code: UInt8) throws(PyTorchError) -> Bool {
    switch PickleInstruction(rawValue: code) {
    case .mark: marks.append(stack.count)
    case .emptyTuple: try pushTuple(0)
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .tuple: try pushTuple(stack.count - (try popMark()))
    case .emptyList:
      stack.append(.list(objects.lists.count))
      objects.lists.append([])
    case .append: try append(from: stack.count - 1)
    case .appends: try append(from: try popMark())
    case .emptyDictionary: pushDictionary([])
    case .setItem: try setItems(from: stack.count - 2)
    case .setItems: try setItems(from: try popMark())
    default: return false
    }
    return true
  }

  private mutating func pushTuple(_ count: Int) throws(PyTorchError) {
    guard count <= stack.count - (marks.last ?? 0) else { throw missingItem }
    let start = objects.items.count
    objects.items += stack.suffix(count)
    stack.removeLast(count)
    stack.append(.tuple(start..<start + count))
  }

  mutating func pushDictionary(_ entries: [(key: PickleValue, value: PickleValue)]) {
    stack.append(.dictionary(objects.dictionaries.count))
    objects.dictionaries.append(entries)
  }

  private mutating func append(from start: Int) throws(PyTorchError) {
    guard start >= max(1, marks.last ?? 0), start <= stack.count else { throw missingItem }
    guard case .list(let index) = stack[start - 1] else {
      throw damaged("an item is appended to \(stack[start - 1].kind), expected a list")
    }
    objects.lists[index] += stack[start...]
    stack.removeLast(stack.count - start)
  }

  private mutating func setItems(from start: Int) throws(PyTorchError) {
    guard start >= max(1, marks.last ?? 0), start <= stack.count,
      (stack.count - start).isMultiple(of: 2)
    else { throw missingItem }
    guard case .dictionary(let index) = stack[start - 1] else {
      throw damaged("an entry is added to \(stack[start - 1].kind), expected a dictionary")
    }
    for place in stride(from: start, to: stack.count, by: 2) {
      objects.dictionaries[index].append((stack[place], stack[place + 1]))
    }
    stack.removeLast(stack.count - start)
  }

  private mutating func popMark() throws(PyTorchError) -> Int {
    guard let mark = marks.popLast(), mark <= stack.count else {
      throw damaged("items end without a beginning")
    }
    return mark
  }

  // MARK: The memo

  /// Runs an instruction that stores or fetches a value by its number, and those that do nothing; false
  /// for any other.
  private mutating func useMemo(_ code: UInt8) throws(PyTorchError) -> Bool {
    switch PickleInstruction(rawValue: code) {
    case .binPut: memo[Int(try require(cursor.integer(UInt8.self)))] = try top()
    case .longBinPut: memo[Int(try require(cursor.integer(UInt32.self)))] = try top()
    case .memoize: memo[memo.count] = try top()
    case .binGet: try fetch(Int(try require(cursor.integer(UInt8.self))))
    case .longBinGet: try fetch(Int(try require(cursor.integer(UInt32.self))))
    case .frame: _ = try require(cursor.integer(UInt64.self))
    default: return false
    }
    return true
  }

  private mutating func fetch(_ number: Int) throws(PyTorchError) {
    guard let value = memo[number] else { throw damaged("there is no value \(number)") }
    stack.append(value)
  }

  // MARK: Checks

  func top() throws(PyTorchError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw missingItem }
    return value
  }

  mutating func pop() throws(PyTorchError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  /// Counts `count` instructions, or values that an instruction copies.
  mutating func charge(_ count: Int) throws(PyTorchError) {
    guard count <= budget else {
      throw .tooMany(file: file, what: "instructions", limit: Self.instructionLimit)
    }
    budget -= count
  }

  /// Throws if the pickle has ended.
  func require<Value>(_ value: Value?) throws(PyTorchError) -> Value {
    guard let value else { throw damaged("it ends within an instruction or before its end mark") }
    return value
  }

  func damaged(_ reason: String) -> PyTorchError {
    .damagedPickle(file: file, offset: cursor.offset, reason: reason)
  }

  private var missingItem: PyTorchError { damaged("an instruction lacks its operands") }
}
