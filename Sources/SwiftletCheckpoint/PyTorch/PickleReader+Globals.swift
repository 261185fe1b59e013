import SwiftletSafetensors

/// The instructions that name Python's classes and functions, and call them. Their results are described,
/// not computed.
extension PickleReader {
  /// Runs such an instruction; returns false for any other.
  mutating func callGlobal(_ code: UInt8) throws(PyTorchError) -> Bool {
    switch PickleInstruction(rawValue: code) {
    case .global: try pushGlobal(module: require(cursor.line()), name: require(cursor.line()))
    case .stackGlobal:
      guard let name = try pop().string, let module = try pop().string else {
        throw damaged("a name is not a string")
      }
      try pushGlobal(module: module, name: name)
    case .inst:
      // It calls what it names, which is never one of the known names in a pickle of tensors.
      let (module, name) = (try require(cursor.line()), try require(cursor.line()))
      throw .forbidden(file: file, name: text(module) + "." + text(name))
    case .binPersistentID: try pushStorage()
    case .reduce: try reduce()
    case .build: try build()
    default: return false
    }
    return true
  }

  private mutating func pushGlobal(
    module: Range<Int>, name: Range<Int>
  ) throws(PyTorchError) {
    let (module, name) = (text(module), text(name))
    guard let global = PickleGlobal(module: module, name: name) else {
      if PickleGlobal.isOtherType(module: module, name: name) {
        throw .unsupportedType(file: file, type: "\(module).\(name)")
      }
      throw .forbidden(file: file, name: "\(module).\(name)")
    }
    stack.append(.global(global))
  }

  /// PyTorch numbers the storages of a file, or names them by their address.
  private static let maxKeySize = 64

  /// The persistent id of a storage: ("storage", class, name, device, count), and for views of 2016 a sixth
  /// item.
  private mutating func pushStorage() throws(PyTorchError) {
    let items = try popTuple()
    guard items.count == 5 || items.count == 6, let label = items[0].string,
      text(label) == "storage", case .global(.storage(let dataType)) = items[1],
      let key = items[2].string, key.count <= Self.maxKeySize, items[3].string != nil,
      let count = items[4].integer, count >= 0
    else { throw damaged("a persistent id is not that of a storage") }
    if items.count == 6 {
      guard case .none = items[5] else { throw damaged("a storage is a view of another one") }
    }
    stack.append(.storage(objects.storages.count))
    objects.storages.append(.init(dataType: dataType, key: key, count: count))
  }

  private mutating func reduce() throws(PyTorchError) {
    let items = try popTuple()
    let function = try pop()
    guard case .global(let global) = function else {
      throw damaged("\(function.kind) is called, expected a function")
    }
    switch global {
    case .orderedDictionary: pushDictionary(try pairs(items))
    case .rebuildTensor(let hasDataType): try pushTensor(items, hasDataType: hasDataType)
    case .rebuildParameter:
      guard let tensor = items.first, case .tensor = tensor else {
        throw damaged("a parameter without a tensor")
      }
      stack.append(tensor)
    case .size:
      guard items.count == 1, case .tuple = items[0] else { throw damaged("a size is not a tuple") }
      stack.append(items[0])
    case .storage, .dataType: throw damaged("a type is called, expected a function")
    }
  }

  /// The entries of an `OrderedDict`: none, or pairs in a list, as Python 2 writes it.
  private mutating func pairs(
    _ items: [PickleValue]
  ) throws(PyTorchError) -> [(key: PickleValue, value: PickleValue)] {
    guard let first = items.first else { return [] }
    guard items.count == 1, case .list(let index) = first else {
      throw damaged("an OrderedDict is made of \(first.kind), expected a list of pairs")
    }
    let list = objects.lists[index]
    try charge(list.count)
    var entries: [(key: PickleValue, value: PickleValue)] = []
    for pair in list {
      switch pair {
      case .tuple(let range) where range.count == 2:
        entries.append((objects.items[range.lowerBound], objects.items[range.lowerBound + 1]))
      case .list(let index) where objects.lists[index].count == 2:
        entries.append((objects.lists[index][0], objects.lists[index][1]))
      default: throw damaged("an entry of an OrderedDict is \(pair.kind), expected a pair")
      }
    }
    return entries
  }

  /// (storage, offset, shape, strides, requires grad, hooks), the first version without the last two, the
  /// third with the type as the seventh.
  private mutating func pushTensor(
    _ items: [PickleValue], hasDataType: Bool
  ) throws(PyTorchError) {
    guard items.count >= (hasDataType ? 7 : 4), case .storage(let storage) = items[0],
      let offset = items[1].integer, case .tuple(let shape) = items[2],
      case .tuple(let strides) = items[3]
    else { throw damaged("the arguments of a tensor are not those of PyTorch") }
    var dataType: DataType?
    if hasDataType {
      guard case .global(.dataType(let type)) = items[6] else {
        throw damaged("the type of a tensor is \(items[6].kind)")
      }
      dataType = type
    }
    stack.append(.tensor(objects.tensors.count))
    objects.tensors.append(
      .init(storage: storage, dataType: dataType, offset: offset, shape: shape, strides: strides))
  }

  /// The attributes of an `OrderedDict`, such as `_metadata` of a `state_dict()`, are skipped.
  private mutating func build() throws(PyTorchError) {
    _ = try pop()
    let target = try top()
    guard case .dictionary = target else {
      throw damaged("\(target.kind) gets attributes, expected an OrderedDict")
    }
  }

  /// The arguments of a call: at most the first eight, because no known function reads more.
  private mutating func popTuple() throws(PyTorchError) -> [PickleValue] {
    let value = try pop()
    guard case .tuple(let range) = value else {
      throw damaged("\(value.kind) in place of a tuple of arguments")
    }
    return Array(objects.items[range].prefix(8))
  }

  private func text(_ place: Range<Int>) -> String {
    String(decoding: bytes[place].prefix(200), as: UTF8.self)
  }
}
