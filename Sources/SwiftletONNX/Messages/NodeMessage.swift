/// A `NodeProto`: one operator of the graph.
struct NodeMessage {
  var operation: String
  var name: String
  /// The names of values; empty for an optional input that is left out.
  var inputs: [String]
  var outputs: [String]
  var attributes: [AttributeMessage] = []

  var encoded: ProtobufMessage {
    typealias Field = FieldNumbers.Node
    var message = ProtobufMessage()
    for input in inputs { message.add(Field.input, input) }
    for output in outputs { message.add(Field.output, output) }
    message.add(Field.name, name)
    message.add(Field.opType, operation)
    for attribute in attributes { message.add(Field.attribute, attribute.encoded) }
    return message
  }
}

/// An `AttributeProto`: a constant argument of an operator.
struct AttributeMessage {
  enum Value {
    case int(Int)
    case ints([Int])
    case float(Float)
    case string(String)

    /// `AttributeProto.AttributeType`, which ONNX requires beside the value.
    fileprivate var type: Int {
      switch self {
      case .float: 1
      case .int: 2
      case .string: 3
      case .ints: 7
      }
    }
  }

  let name: String
  let value: Value

  static func int(_ name: String, _ value: Int) -> Self { Self(name: name, value: .int(value)) }
  static func ints(_ name: String, _ values: [Int]) -> Self {
    Self(name: name, value: .ints(values))
  }
  static func float(_ name: String, _ value: Float) -> Self {
    Self(name: name, value: .float(value))
  }
  static func string(_ name: String, _ value: String) -> Self {
    Self(name: name, value: .string(value))
  }

  var encoded: ProtobufMessage {
    typealias Field = FieldNumbers.Attribute
    var message = ProtobufMessage()
    message.add(Field.name, name)
    switch value {
    case .int(let value): message.add(Field.int, value)
    case .ints(let values): for value in values { message.add(Field.ints, value) }
    case .float(let value): message.add(Field.float, value)
    case .string(let value): message.add(Field.string, value)
    }
    message.add(Field.type, value.type)
    return message
  }
}
