extension SafetensorsWriter {
  /// A tensor to be written: its description, and where its bytes come from.
  public struct Tensor: Sendable {
    /// Unique in its file, byte for byte.
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

    /// A tensor of any type from its bytes: little-endian, row-major, packed.
    public init(name: String, dataType: DataType, shape: [Int], bytes: [UInt8]) {
      self.init(name: name, dataType: dataType, shape: shape, content: .bytes(bytes))
    }

    /// An F32 tensor, outermost dimension first.
    public init(name: String, shape: [Int], floats: [Float]) {
      self.init(name: name, dataType: .f32, shape: shape, content: .floats(floats))
    }

    /// An I64 tensor, outermost dimension first.
    public init(name: String, shape: [Int], integers: [Int64]) {
      self.init(name: name, dataType: .i64, shape: shape, content: .integers(integers))
    }

    /// A tensor too big to be held twice: `provider` is called once, when its turn comes, and
    /// hands its bytes to the sink in as many pieces as it likes.
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

  /// Takes the bytes of one tensor; valid only while its provider runs.
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

    /// Appends to what the tensor has so far.
    ///
    /// - Throws: `tensorInvalidInfo` as soon as it is more than the shape asks for; `unwritable`.
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
