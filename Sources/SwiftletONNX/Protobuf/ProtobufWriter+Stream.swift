import SwiftletSystem

/// Receives consecutive bytes of a file.
struct ByteSink {
  let write: (UnsafeRawBufferPointer) throws(ONNXExportError) -> Void

  func write(_ bytes: [UInt8]) throws(ONNXExportError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(ONNXExportError) in
      try write(UnsafeRawBufferPointer(bytes))
    }
  }
}

/// Bytes of a known number that are made while they are written: the weights of a tensor.
struct Payload {
  let byteCount: Int
  /// Passes exactly `byteCount` bytes to a sink, in any number of pieces.
  let emit: (ByteSink) throws(ONNXExportError) -> Void
}

/// Contents of a file, mostly a protobuf message, whose size is known before they are written
/// although the payloads are not in memory.
struct ProtobufStream {
  private enum Part {
    case bytes([UInt8])
    case payload(Payload)
  }

  private var parts: [Part] = []
  private(set) var byteCount = 0

  /// Appends the fields of a message in memory to this one's.
  mutating func append(_ message: ProtobufMessage) { append(message.bytes) }

  mutating func append(_ bytes: [UInt8]) {
    parts.append(.bytes(bytes))
    byteCount += bytes.count
  }

  mutating func append(_ payload: Payload) {
    parts.append(.payload(payload))
    byteCount += payload.byteCount
  }

  /// Appends a field with a message.
  mutating func add(_ field: Int, _ message: ProtobufStream) {
    addPrefix(field, byteCount: message.byteCount)
    parts += message.parts
    byteCount += message.byteCount
  }

  /// Appends a field with bytes.
  mutating func add(_ field: Int, _ payload: Payload) {
    addPrefix(field, byteCount: payload.byteCount)
    append(payload)
  }

  private mutating func addPrefix(_ field: Int, byteCount: Int) {
    var prefix = ProtobufMessage()
    prefix.addPrefix(field, byteCount: byteCount)
    append(prefix)
  }

  /// Passes the whole message to a sink.
  func write(to sink: ByteSink) throws(ONNXExportError) {
    for part in parts {
      switch part {
      case .bytes(let bytes): try sink.write(bytes)
      case .payload(let payload): try payload.emit(sink)
      }
    }
  }
}
