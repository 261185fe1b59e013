import SwiftletSafetensors

/// A value of a pickle. Those that hold others refer to ``PickleObjects`` by index, so that deep nesting
/// neither recurses nor copies.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  /// An integer of more than 64 bits: the place of its bytes in the file.
  case wideInteger(Range<Int>)
  case float(Double)
  /// The place of its UTF-8 in the file.
  case string(Range<Int>)
  /// Its items' places in ``PickleObjects/items``.
  case tuple(Range<Int>)
  case list(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)

  /// The value's kind with its article, for errors.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a bool"
    case .integer, .wideInteger: "an int"
    case .float: "a float"
    case .string: "a string"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global: "a name"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }

  var integer: Int? {
    if case .integer(let value) = self { return value }
    return nil
  }

  var string: Range<Int>? {
    if case .string(let place) = self { return place }
    return nil
  }
}

/// What the values of one pickle refer to.
struct PickleObjects {
  /// The items of all tuples.
  var items: [PickleValue] = []
  var lists: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var storages: [Storage] = []
  var tensors: [Tensor] = []

  /// A reference to a storage.
  struct Storage {
    /// Nil for bytes.
    let dataType: DataType?
    /// The place of its name in the file.
    let key: Range<Int>
    /// The number of elements, or of bytes.
    let count: Int
  }

  /// The arguments of a tensor, unchecked.
  struct Tensor {
    let storage: Int
    /// The type of the elements in a storage of bytes; nil for that of the storage.
    let dataType: DataType?
    /// The first element, counted in elements.
    let offset: Int
    /// The places of the dimensions and strides in ``PickleObjects/items``.
    let shape: Range<Int>
    let strides: Range<Int>
  }
}
