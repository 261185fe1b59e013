import Testing

/// A field of a protobuf message, decoded as `protoc --decode_raw` does it.
enum WireValue: Equatable {
  case varint(UInt64)
  case fixed32(UInt32)
  case bytes(ArraySlice<UInt8>)
}

/// A protobuf message, read independently of the code under test.
struct WireMessage {
  private(set) var fields: [(number: Int, value: WireValue)] = []

  /// Returns nil unless the bytes are fields without rest.
  init?(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while !rest.isEmpty {
      guard let key = Self.varint(&rest), let value = Self.value(&rest, wireType: key & 7) else {
        return nil
      }
      fields.append((Int(key >> 3), value))
    }
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var result: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      result |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return result }
    }
    return nil
  }

  private static func value(_ rest: inout ArraySlice<UInt8>, wireType: UInt64) -> WireValue? {
    switch wireType {
    case 0: return varint(&rest).map(WireValue.varint)
    case 2:
      guard let length = varint(&rest).map({ Int($0) }), length <= rest.count else { return nil }
      defer { rest = rest.dropFirst(length) }
      return .bytes(rest.prefix(length))
    case 5:
      guard rest.count >= 4 else { return nil }
      defer { rest = rest.dropFirst(4) }
      return .fixed32(rest.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
    default: return nil
    }
  }

  func integers(_ number: Int) -> [Int] {
    fields.compactMap { field in
      guard field.number == number, case .varint(let value) = field.value else { return nil }
      return Int(truncatingIfNeeded: value)
    }
  }

  func bytes(_ number: Int) -> [ArraySlice<UInt8>] {
    fields.compactMap { field in
      guard field.number == number, case .bytes(let value) = field.value else { return nil }
      return value
    }
  }

  func texts(_ number: Int) -> [String] {
    bytes(number).map { String(decoding: $0, as: UTF8.self) }
  }

  func messages(_ number: Int) throws -> [WireMessage] {
    try bytes(number).map { try #require(WireMessage($0)) }
  }
}

/// An ONNX file, with the field numbers of onnx.proto as literals.
struct WireModel {
  struct Node {
    let operation: String
    let inputs: [String]
    let outputs: [String]
  }

  struct Tensor {
    let name: String
    let type: Int
    let shape: [Int]
    let data: ArraySlice<UInt8>?
    /// `location`, `offset`, `length`
    let external: [String: String]
  }

  let irVersion: Int
  let opset: Int
  let nodes: [Node]
  let tensors: [Tensor]
  let inputs: [String]
  let outputs: [String]

  init(_ bytes: [UInt8]) throws {
    let model = try #require(WireMessage(bytes[...]))
    irVersion = try #require(model.integers(1).first)
    opset = try #require(model.messages(8).first?.integers(2).first)
    let graph = try #require(model.messages(7).first)
    nodes = try graph.messages(1).map {
      Node(operation: try #require($0.texts(4).first), inputs: $0.texts(1), outputs: $0.texts(2))
    }
    tensors = try graph.messages(5).map { tensor in
      var external: [String: String] = [:]
      for entry in try tensor.messages(13) {
        external[try #require(entry.texts(1).first)] = entry.texts(2).first
      }
      #expect((tensor.integers(14) == [1]) == !external.isEmpty)
      return Tensor(
        name: try #require(tensor.texts(8).first), type: try #require(tensor.integers(2).first),
        shape: tensor.integers(1), data: tensor.bytes(9).first, external: external)
    }
    inputs = try graph.messages(11).flatMap { $0.texts(1) }
    outputs = try graph.messages(12).flatMap { $0.texts(1) }
  }

  func tensor(_ name: String) throws -> Tensor {
    try #require(tensors.first { $0.name == name }, "no tensor \(name)")
  }
}
