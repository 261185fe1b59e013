/// The description of one tensor in a safetensors header, checked against the file.
public struct TensorInfo: Sendable, Equatable {
  /// The name, unique in its file, byte for byte; any text, even empty.
  public let name: String
  /// The type of the elements as they are stored.
  public let dataType: DataType
  /// The dimensions, outermost first; empty for a single number.
  public let shape: [Int]
  /// The byte range of the elements, counted from the end of the header.
  public let dataOffsets: Range<Int>
  /// The product of ``shape``: 1 for a single number, 0 where a dimension is 0.
  public let elementCount: Int

  /// The size in bytes.
  public var byteCount: Int { dataOffsets.count }

  /// Compares names byte for byte, so that two encodings of "é" differ, unlike with `String`.
  public static func == (left: TensorInfo, right: TensorInfo) -> Bool {
    ExactName(left.name) == ExactName(right.name) && left.dataType == right.dataType
      && left.shape == right.shape && left.dataOffsets == right.dataOffsets
  }
}

extension TensorInfo {
  /// Describes a tensor of another format, whose bytes begin at `start`; nil for a negative dimension, and
  /// for a size that overflows or is not a whole number of bytes.
  package init?(name: String, dataType: DataType, shape: [Int], start: Int = 0) {
    guard start >= 0, shape.allSatisfy({ $0 >= 0 }),
      let size = dataType.size(ofShape: shape.map { UInt64($0) }), size.bits % 8 == 0,
      let elements = Int(exactly: size.elements)
    else { return nil }
    let (end, overflow) = start.addingReportingOverflow(Int(size.bits / 8))
    guard !overflow else { return nil }
    self.init(
      name: name, dataType: dataType, shape: shape, dataOffsets: start..<end,
      elementCount: elements)
  }
}

/// A name compared byte for byte, unlike `String`, which compares by canonical equivalence.
package struct ExactName: Hashable, Sendable {
  package let name: String

  package init(_ name: String) { self.name = name }

  package static func == (left: ExactName, right: ExactName) -> Bool {
    left.name.utf8.elementsEqual(right.name.utf8)
  }

  static func < (left: ExactName, right: ExactName) -> Bool {
    left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var name = name
    name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
