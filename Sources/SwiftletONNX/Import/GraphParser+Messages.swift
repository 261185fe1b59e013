/// Parses a TensorProto; the elements stay in the file.
struct TensorParser {
  private let bytes: UnsafeRawBufferPointer
  private let range: Range<Int>
  private var name = ""
  private var shape: [Int64] = []
  private var type: StoredElementType?
  private var raw: Range<Int>?
  /// The typed fields with elements, and the bytes of the first.
  private var fieldCount = 0
  private var packed: Range<Int>?
  private var external: [String: String] = [:]
  private var isExternal = false

  /// More dimensions than any operator of a model needs.
  private static let rankLimit = 16

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    (self.bytes, self.range) = (bytes, range)
  }

  /// Reads the message.
  ///
  /// - Throws: ``ProtobufError`` for damaged bytes, and for a shape that does not have as many elements
  ///   as are stored.
  consuming func parse() throws(ProtobufError) -> StoredConstant {
    var reader = ProtobufReader(bytes, range)
    while let field = try reader.next() { try parse(field, reader) }
    let shape = try checkedShape()
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= Int.max / 8 else { throw invalid("has a shape beyond 64 bits") }
      count = product
    }
    return StoredConstant(
      name: name, shape: shape, elementCount: count, type: type,
      storage: try storage(byteCount: count * (type?.byteCount ?? 0)))
  }

  private mutating func parse(
    _ field: ProtobufReader.Field, _ reader: ProtobufReader
  ) throws(ProtobufError) {
    switch field.number {
    case FieldNumbers.Tensor.dims:
      var sizes: [Int64] = []
      try reader.forEachInteger(of: field) { if sizes.count <= Self.rankLimit { sizes.append($0) } }
      guard shape.count + sizes.count <= Self.rankLimit else {
        throw invalid("has more than \(Self.rankLimit) dimensions")
      }
      shape += sizes
    case FieldNumbers.Tensor.dataType:
      type = StoredElementType(rawValue: Int(truncatingIfNeeded: try field.integer()))
    case FieldNumbers.Tensor.floatData, FieldNumbers.Tensor.int32Data,
      FieldNumbers.Tensor.int64Data, FieldNumbers.Tensor.doubleData,
      FieldNumbers.Tensor.uint64Data:
      fieldCount += 1
      if case .bytes(let range) = field.value { packed = range }
    case FieldNumbers.Tensor.name: name = reader.text(try field.range())
    case FieldNumbers.Tensor.rawData: raw = try field.range()
    case FieldNumbers.Tensor.externalData: try parseExternal(try field.range())
    case FieldNumbers.Tensor.dataLocation: isExternal = try field.integer() == 1
    default: break
    }
  }

  private mutating func parseExternal(_ range: Range<Int>) throws(ProtobufError) {
    var (key, value) = ("", "")
    var reader = ProtobufReader(bytes, range)
    while let field = try reader.next() {
      switch field.number {
      case FieldNumbers.StringStringEntry.key: key = reader.text(try field.range())
      case FieldNumbers.StringStringEntry.value: value = reader.text(try field.range())
      default: break
      }
    }
    external[key] = value
  }

  private func checkedShape() throws(ProtobufError) -> [Int] {
    var sizes: [Int] = []
    for size in shape {
      guard let size = Int(exactly: size), size >= 0 else { throw invalid("has a negative size") }
      sizes.append(size)
    }
    return sizes
  }

  private func storage(byteCount: Int) throws(ProtobufError) -> StoredConstant.Storage {
    if isExternal { return .external(try externalData()) }
    if let raw {
      guard raw.count == byteCount || type == nil else {
        throw invalid("has \(raw.count) bytes where its shape and type need \(byteCount)")
      }
      return .inPlace(raw)
    }
    // Packed floats are stored as they are in memory.
    if type == .float32 || type == .float64, fieldCount == 1, let packed, packed.count == byteCount
    {
      return .inPlace(packed)
    }
    return .fields(range)
  }

  private func externalData() throws(ProtobufError) -> ExternalData {
    guard let location = external["location"] else {
      throw invalid("is in another file, but does not name it")
    }
    let offset = external["offset"].map { Int($0) } ?? 0
    let length = external["length"].map { Int($0) }
    guard let offset, offset >= 0, length != .some(nil), (length ?? 0) ?? 0 >= 0 else {
      throw invalid("has an offset or length that is not a number")
    }
    return ExternalData(location: location, offset: offset, length: length ?? nil)
  }

  private func invalid(_ reason: String) -> ProtobufError {
    .invalidMessage(
      reason: "is a tensor\(name.isEmpty ? "" : " \"\(name)\"") that \(reason)",
      offset: range.lowerBound)
  }
}

extension StoredConstant {
  /// This constant under the name of its value.
  func named(_ name: String) -> StoredConstant {
    StoredConstant(
      name: name, shape: shape, elementCount: elementCount, type: type, storage: storage)
  }
}

/// Parses an AttributeProto.
struct AttributeParser {
  private let bytes: UnsafeRawBufferPointer
  private let range: Range<Int>

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    (self.bytes, self.range) = (bytes, range)
  }

  /// Reads the message; `constant` is its tensor or the tensor that a Constant node makes of its number.
  func parse() throws(ProtobufError) -> (
    attribute: StoredAttribute, constant: StoredConstant?, entryCount: Int
  ) {
    var name = ""
    var value = StoredAttribute.Value.other
    var constant: StoredConstant?
    var integers: [Int64] = []
    var reader = ProtobufReader(bytes, range)
    while let field = try reader.next() {
      switch field.number {
      case FieldNumbers.Attribute.name: name = reader.text(try field.range())
      case FieldNumbers.Attribute.float:
        let number = try field.float()
        value = .float(number)
        constant = .scalar(.float32, number.bitPattern)
      case FieldNumbers.Attribute.int:
        let number = try field.integer()
        value = .integer(number)
        constant = .scalar(.int64, number)
      case FieldNumbers.Attribute.string: value = .string(reader.text(try field.range()))
      case FieldNumbers.Attribute.tensor:
        constant = try TensorParser(bytes, try field.range()).parse()
      case FieldNumbers.Attribute.ints:
        try reader.forEachInteger(of: field) { integers.append($0) }
        value = .integers(integers)
      default: break
      }
    }
    if case .integers = value { constant = .vector(integers) }
    return (StoredAttribute(name: name, value: value), constant, 1 + integers.count)
  }
}

extension StoredConstant {
  fileprivate static func scalar(
    _ type: StoredElementType, _ value: some FixedWidthInteger
  ) -> StoredConstant {
    StoredConstant(
      name: "", shape: [], elementCount: 1, type: type,
      storage: .own(withUnsafeBytes(of: value.littleEndian) { Array($0) }))
  }

  fileprivate static func vector(_ values: [Int64]) -> StoredConstant {
    StoredConstant(
      name: "", shape: [values.count], elementCount: values.count, type: .int64,
      storage: .own(values.withUnsafeBytes { Array($0) }))
  }
}

/// Parses a ValueInfoProto: an input or output of the graph.
struct ValueParser {
  private let bytes: UnsafeRawBufferPointer
  private let range: Range<Int>

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    (self.bytes, self.range) = (bytes, range)
  }

  /// Reads name, element type and shape.
  func parse() throws(ProtobufError) -> (name: String, type: String?, shape: [String]?) {
    var name = ""
    var type: String?
    var shape: [String]?
    var reader = ProtobufReader(bytes, range)
    while let field = try reader.next() {
      switch field.number {
      case FieldNumbers.ValueInfo.name: name = reader.text(try field.range())
      case FieldNumbers.ValueInfo.type:
        guard
          let tensor = try message(FieldNumbers.ValueType.tensorType, in: try field.range())
        else { continue }
        var reader = ProtobufReader(bytes, tensor)
        while let field = try reader.next() {
          if field.number == FieldNumbers.TensorType.elementType {
            type = StoredElementType(rawValue: Int(truncatingIfNeeded: try field.integer()))?.name
          } else if field.number == FieldNumbers.TensorType.shape {
            shape = try sizes(try field.range())
          }
        }
      default: break
      }
    }
    return (name, type, shape)
  }

  /// The last field `number` of the message in `range`.
  private func message(_ number: Int, in range: Range<Int>) throws(ProtobufError) -> Range<Int>? {
    var found: Range<Int>?
    var reader = ProtobufReader(bytes, range)
    while let field = try reader.next() {
      if field.number == number { found = try field.range() }
    }
    return found
  }

  /// The dimensions of a TensorShapeProto.
  private func sizes(_ range: Range<Int>) throws(ProtobufError) -> [String] {
    var sizes: [String] = []
    var reader = ProtobufReader(bytes, range)
    while let field = try reader.next() {
      guard field.number == FieldNumbers.TensorShape.dim else { continue }
      var size = "?"
      var dimension = ProtobufReader(bytes, try field.range())
      while let field = try dimension.next() {
        if field.number == FieldNumbers.Dimension.value {
          size = "\(try field.integer())"
        } else if field.number == FieldNumbers.Dimension.parameter {
          size = dimension.text(try field.range())
        }
      }
      if sizes.count < 16 { sizes.append(size) }
    }
    return sizes
  }
}
