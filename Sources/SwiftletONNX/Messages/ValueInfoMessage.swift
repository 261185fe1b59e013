/// A `ValueInfoProto`: name, type and shape of an input or output of the graph.
struct ValueInfoMessage {
  enum Dimension {
    case size(Int)
    /// A size that is known only when the graph runs; equal names are equal sizes.
    case named(String)
  }

  let name: String
  let type: ElementType
  let shape: [Dimension]

  var encoded: ProtobufMessage {
    var shape = ProtobufMessage()
    for dimension in self.shape {
      var message = ProtobufMessage()
      switch dimension {
      case .size(let size): message.add(FieldNumbers.Dimension.value, size)
      case .named(let name): message.add(FieldNumbers.Dimension.parameter, name)
      }
      shape.add(FieldNumbers.TensorShape.dim, message)
    }
    var tensor = ProtobufMessage()
    tensor.add(FieldNumbers.TensorType.elementType, type.rawValue)
    tensor.add(FieldNumbers.TensorType.shape, shape)
    var type = ProtobufMessage()
    type.add(FieldNumbers.ValueType.tensorType, tensor)
    var message = ProtobufMessage()
    message.add(FieldNumbers.ValueInfo.name, name)
    message.add(FieldNumbers.ValueInfo.type, type)
    return message
  }
}
