/// A `TensorProto`: a weight or a constant of the graph.
struct TensorMessage {
  enum Content {
    /// A constant, little-endian and row-major.
    case bytes([UInt8])
    /// A weight, which is streamed.
    case payload(Payload)
    case external(ExternalPlace)
  }

  let name: String
  let type: ElementType
  /// Empty for a single number.
  let shape: [Int]
  var content: Content

  var encoded: ProtobufStream {
    typealias Field = FieldNumbers.Tensor
    var head = ProtobufMessage()
    for dimension in shape { head.add(Field.dims, dimension) }
    head.add(Field.dataType, type.rawValue)
    head.add(Field.name, name)
    var message = ProtobufStream()
    switch content {
    case .bytes(let bytes):
      head.add(Field.rawData, bytes: bytes)
      message.append(head)
    case .payload(let payload):
      message.append(head)
      message.add(Field.rawData, payload)
    case .external(let place):
      for entry in place.entries { head.add(Field.externalData, entry) }
      head.add(Field.dataLocation, 1)
      message.append(head)
    }
    return message
  }
}

/// A range of bytes in another file.
struct ExternalPlace: Equatable {
  /// A path relative to the folder of the ONNX file, without "..".
  let location: String
  let offset: Int
  let byteCount: Int

  /// `StringStringEntryProto`s, whose numbers are decimal texts.
  fileprivate var entries: [ProtobufMessage] {
    [("location", location), ("offset", "\(offset)"), ("length", "\(byteCount)")].map {
      var entry = ProtobufMessage()
      entry.add(FieldNumbers.StringStringEntry.key, $0.0)
      entry.add(FieldNumbers.StringStringEntry.value, $0.1)
      return entry
    }
  }
}
