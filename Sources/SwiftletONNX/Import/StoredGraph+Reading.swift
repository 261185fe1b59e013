import SwiftletSafetensors
package import SwiftletSystem

extension StoredGraph {
  /// Opens and parses an ONNX file, and opens the files that hold the data of its tensors.
  ///
  /// - Throws: ``ONNXImportError``: `unreadable`, `damaged`, `externalData`.
  package init(path: String, loading: FileLoading = .map) throws(ONNXImportError) {
    let file: FileContents
    do throws(FileError) {
      file = try FileContents(path: path, loading: loading)
    } catch {
      if let bytes = error.refusedBytes { throw .memory(MemoryError(bytes: bytes, purpose: path)) }
      throw .unreadable(reason: error.description)
    }
    var parser = GraphParser(file.bytes)
    do throws(ProtobufError) { try parser.parse() } catch {
      throw .damaged(path: path, reason: error.description)
    }
    var external = ExternalFiles(besides: path, loading: loading)
    for constant in parser.constants {
      if case .external(let data) = constant.storage { try external.open(data, for: constant) }
    }
    self.init(file: file, parser, externalFiles: external.files)
    try checkOrder()
  }

  private init(file: FileContents, _ parser: GraphParser, externalFiles: [String: FileContents]) {
    self.file = file
    self.externalFiles = externalFiles
    producerName = parser.producerName
    operatorSets = parser.operatorSets
    (nodes, constants) = (parser.nodes, parser.constants)
    (inputs, outputs) = (parser.inputs, parser.outputs)
    (names, constantOfValue) = (parser.names, parser.constantOfValue)
    producers = parser.producers
  }

  /// Throws unless every node reads only what nodes before it computed.
  private func checkOrder() throws(ONNXImportError) {
    for node in nodes {
      for case let input? in node.inputs {
        guard let producer = producers[input], producer.node >= node.index else { continue }
        throw .damaged(
          path: file.path,
          reason: "\(node.title) reads \(quoted(names[input])), which a later node computes")
      }
    }
  }

  // MARK: Elements of constants

  /// The little-endian elements of a constant and the memory that holds them.
  ///
  /// - Throws: `damaged` if the fields do not have the elements of the shape; `memory`.
  func bytes(
    of constant: StoredConstant
  ) throws(ONNXImportError) -> (bytes: UnsafeRawBufferPointer, memory: any TensorMemory) {
    switch constant.storage {
    case .inPlace(let range):
      return (UnsafeRawBufferPointer(rebasing: file.bytes[range]), file)
    case .external(let data):
      guard let other = externalFiles[data.location] else {
        throw .damaged(path: file.path, reason: "the file \(quoted(data.location)) is not open")
      }
      let range = data.offset..<data.offset + constant.byteCount
      return (UnsafeRawBufferPointer(rebasing: other.bytes[range]), other)
    case .own(let bytes):
      let memory = try ownMemory(bytes.count)
      memory.bytes.copyBytes(from: bytes)
      return (UnsafeRawBufferPointer(memory.bytes), memory)
    case .fields(let range):
      return try decode(range, of: constant)
    }
  }

  private func decode(
    _ range: Range<Int>, of constant: StoredConstant
  ) throws(ONNXImportError) -> (UnsafeRawBufferPointer, any TensorMemory) {
    var fields = TypedFields(constant.type)
    // Every element takes a byte of the file or more.
    guard constant.elementCount <= range.count else { throw miscounted(constant) }
    let memory = try ownMemory(constant.byteCount)
    do throws(ProtobufError) {
      try fields.read(file.bytes, range, into: memory.bytes)
    } catch {
      throw .damaged(path: file.path, reason: error.description)
    }
    guard fields.byteCount == constant.byteCount else { throw miscounted(constant) }
    return (UnsafeRawBufferPointer(memory.bytes), memory)
  }

  private func miscounted(_ constant: StoredConstant) -> ONNXImportError {
    .damaged(
      path: file.path,
      reason: "the tensor \(quoted(constant.name)) does not have the \(constant.elementCount) "
        + "elements of its shape \(constant.shape)")
  }

  private func ownMemory(_ byteCount: Int) throws(ONNXImportError) -> AllocatedTensorMemory {
    do throws(MemoryError) {
      return try AllocatedTensorMemory(
        byteCount: byteCount, purpose: "the weights of an ONNX file")
    } catch {
      throw .memory(error)
    }
  }

  /// The elements of a small constant of integers; nil for other constants and for values that are not
  /// constants.
  func integers(_ value: Value) -> [Int]? {
    guard let constant = constant(value), constant.elementCount <= 64,
      let (bytes, memory) = try? bytes(of: constant)
    else { return nil }
    return withExtendedLifetime(memory) {
      switch constant.type {
      case .int64: bytes.elements { (value: Int64) in Int(value) }
      case .int32: bytes.elements { (value: Int32) in Int(value) }
      default: nil
      }
    }
  }

  /// The one element of a constant; nil for other constants and for values that are not constants.
  func scalar(_ value: Value) -> Double? {
    guard let constant = constant(value), constant.elementCount == 1,
      let (bytes, memory) = try? bytes(of: constant)
    else { return nil }
    return withExtendedLifetime(memory) {
      switch constant.type {
      case .float32: bytes.elements { (value: UInt32) in Double(Float(bitPattern: value)) }
      case .float64: bytes.elements { (value: UInt64) in Double(bitPattern: value) }
      case .float16: bytes.elements { (value: UInt16) in HalfPrecision.value(ofFloat16: value) }
      case .bfloat16: bytes.elements { (value: UInt16) in HalfPrecision.value(ofBFloat16: value) }
      case .int64: bytes.elements { (value: Int64) in Double(value) }
      case .int32: bytes.elements { (value: Int32) in Double(value) }
      case .uint8: bytes.elements { (value: UInt8) in Double(value) }
      case .int8: bytes.elements { (value: Int8) in Double(value) }
      default: [Double]()
      }
    }.first
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func elements<Element: FixedWidthInteger & BitwiseCopyable, Result>(
    _ convert: (Element) -> Result
  ) -> [Result] {
    stride(from: 0, through: count - MemoryLayout<Element>.size, by: MemoryLayout<Element>.size)
      .map { convert(Element(littleEndian: loadUnaligned(fromByteOffset: $0, as: Element.self))) }
  }
}
