/// What a safetensors header says about one tensor, checked against the file that holds it.
public struct TensorInfo: Sendable, Equatable {
  /// Unique in its file, byte for byte; any text, even none.
  public let name: String
  /// The type of the elements as they are stored.
  public let dataType: DataType
  /// The dimensions, outermost first; empty for a single number.
  public let shape: [Int]
  /// Where the elements lie, counted in bytes from the end of the header.
  public let dataOffsets: Range<Int>
  /// The product of ``shape``: 1 for a single number, 0 where a dimension is 0.
  public let elementCount: Int

  /// The size in the file; at most that of the file.
  public var byteCount: Int { dataOffsets.count }

  /// Compares names by their bytes, where `String` would take two ways to write "é" for one.
  public static func == (left: TensorInfo, right: TensorInfo) -> Bool {
    ExactName(left.name) == ExactName(right.name) && left.dataType == right.dataType
      && left.shape == right.shape && left.dataOffsets == right.dataOffsets
  }
}

/// A tensor's name as a key: equal only if the bytes are, unlike `String`, which compares by
/// canonical equivalence.
struct ExactName: Hashable {
  let name: String

  init(_ name: String) { self.name = name }

  static func == (left: ExactName, right: ExactName) -> Bool {
    left.name.utf8.elementsEqual(right.name.utf8)
  }

  static func < (left: ExactName, right: ExactName) -> Bool {
    left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var name = name
    name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
