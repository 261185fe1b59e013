extension SafetensorsWriter {
  /// A tensor to be written: its description and the source of its bytes.
  public struct Tensor: Sendable {
    /// The name, which must be unique in its file, byte for byte.
    public let name: String
    /// The type of the elements as they are stored.
    public let dataType: DataType
    /// The dimensions, outermost first; empty for a single number.
    public let shape: [Int]
    let content: Content

    enum Content: Sendable {
      case bytes([UInt8])
      case floats([Float])
      case integers([Int64])
      case provider(@Sendable (Sink) throws -> Void)
    }

    /// Creates a tensor of any type from little-endian, row-major, packed bytes.
    public init(name: String, dataType: DataType, shape: [Int], bytes: [UInt8]) {
      self.init(name: name, dataType: dataType, shape: shape, content: .bytes(bytes))
    }

    /// Creates an F32 tensor from elements in row-major order.
    public init(name: String, shape: [Int], floats: [Float]) {
      self.init(name: name, dataType: .f32, shape: shape, content: .floats(floats))
    }

    /// Creates an I64 tensor from elements in row-major order.
    public init(name: String, shape: [Int], integers: [Int64]) {
      self.init(name: name, dataType: .i64, shape: shape, content: .integers(integers))
    }

    /// Creates a tensor too large to be held in memory: the writer calls `provider` once, which
    /// writes the bytes to the sink in any number of pieces.
    public init(
      name: String,
      dataType: DataType,
      shape: [Int],
      provider: @escaping @Sendable (Sink) throws -> Void
    ) {
      self.init(name: name, dataType: dataType, shape: shape, content: .provider(provider))
    }

    private init(name: String, dataType: DataType, shape: [Int], content: Content) {
      self.name = name
      self.dataType = dataType
      self.shape = shape
      self.content = content
    }
  }

  /// Receives the bytes of one tensor; valid only while its provider runs.
  public final class Sink {
    private let emit: (UnsafeRawBufferPointer) throws(SafetensorsError) -> Void
    private let file: String
    private let tensor: String
    private let expected: UInt64
    private var received: UInt64 = 0

    init(
      file: String,
      tensor: String,
      expected: UInt64,
      emit: @escaping (UnsafeRawBufferPointer) throws(SafetensorsError) -> Void
    ) {
      (self.file, self.tensor, self.expected, self.emit) = (file, tensor, expected, emit)
    }

    /// Appends bytes to the tensor.
    ///
    /// - Throws: `tensorInvalidInfo` if the total exceeds the size of the shape; `unwritable`.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(SafetensorsError) {
      let total = received + UInt64(bytes.count)
      guard total <= expected else { throw mismatch(found: total) }
      try emit(bytes)
      received = total
    }

    func finish() throws(SafetensorsError) {
      guard received == expected else { throw mismatch(found: received) }
    }

    private func mismatch(found: UInt64) -> SafetensorsError {
      .tensorInvalidInfo(file: file, tensor: tensor, expected: expected, found: found)
    }
  }
}
