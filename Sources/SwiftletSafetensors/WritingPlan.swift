import SwiftletJSON

/// The checked tensors of a file in the order of writing, with the header that describes them.
struct WritingPlan {
  private typealias Item = (tensor: SafetensorsWriter.Tensor, byteCount: UInt64)

  private let file: String
  private let items: [Item]
  /// The length field, the JSON and its padding.
  private let header: [UInt8]

  init(
    _ tensors: [SafetensorsWriter.Tensor],
    metadata: [String: String],
    file: String,
    layout: SafetensorsWriter.Layout = .reference
  ) throws(SafetensorsError) {
    self.file = file
    try Self.checkNames(tensors, file: file)
    var items: [Item] = []
    for tensor in tensors { items.append((tensor, try Self.byteCount(of: tensor, file: file))) }
    self.items = layout == .reference ? Self.sorted(items) : items
    self.header = try Self.header(
      self.items, metadata: metadata, file: file, alignment: layout == .reference ? 8 : 64)
  }

  /// Passes the whole file to `write`, in order.
  func emit(
    to write: @escaping (UnsafeRawBufferPointer) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    try Self.lend(header, to: write)
    for item in items {
      let sink = SafetensorsWriter.Sink(
        file: file, tensor: item.tensor.name, expected: item.byteCount, emit: write)
      switch item.tensor.content {
      case .bytes(let values): try Self.lend(values, to: sink.write)
      case .floats(let values): try Self.lend(values, to: sink.write)
      case .integers(let values): try Self.lend(values, to: sink.write)
      case .provider(let provide): try run(provide, tensor: item.tensor.name, into: sink)
      }
      try sink.finish()
    }
  }

  private func run(
    _ provide: (SafetensorsWriter.Sink) throws -> Void,
    tensor: String,
    into sink: SafetensorsWriter.Sink
  ) throws(SafetensorsError) {
    do {
      try provide(sink)
    } catch let error as SafetensorsError {
      throw error
    } catch {
      throw .providerFailed(file: file, tensor: tensor, reason: "\(error)")
    }
  }

  private static func lend<Element: BitwiseCopyable>(
    _ values: [Element], to write: (UnsafeRawBufferPointer) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    try values.withUnsafeBufferPointer { (values) throws(SafetensorsError) in
      try write(UnsafeRawBufferPointer(values))
    }
  }

  // MARK: Checks

  private static func checkNames(
    _ tensors: [SafetensorsWriter.Tensor], file: String
  ) throws(SafetensorsError) {
    var names = Set<ExactName>()
    var nameBytes = 0
    for tensor in tensors {
      nameBytes += tensor.name.utf8.count
      guard tensor.name != "__metadata__" else { throw .reservedName(file: file) }
      guard names.insert(ExactName(tensor.name)).inserted else {
        throw .duplicateName(file: file, name: tensor.name)
      }
    }
    guard nameBytes <= SafetensorsHeader.lengthLimit else {
      throw .headerTooLarge(
        file: file, limit: SafetensorsHeader.lengthLimit, found: UInt64(nameBytes))
    }
  }

  private static func byteCount(
    of tensor: SafetensorsWriter.Tensor, file: String
  ) throws(SafetensorsError) -> UInt64 {
    guard tensor.shape.allSatisfy({ $0 >= 0 }) else {
      throw .invalidShape(file: file, tensor: tensor.name, shape: tensor.shape)
    }
    let shape = tensor.shape.map { UInt64($0) }
    guard let size = tensor.dataType.size(ofShape: shape) else {
      throw .validationOverflow(file: file, tensor: tensor.name, shape: shape)
    }
    guard size.bits % 8 == 0 else {
      throw .misalignedSlice(
        file: file, tensor: tensor.name, dataType: tensor.dataType, bitCount: size.bits)
    }
    if let found = tensor.content.byteCount, found != size.bits / 8 {
      throw .tensorInvalidInfo(
        file: file, tensor: tensor.name, expected: size.bits / 8, found: found)
    }
    return size.bits / 8
  }

  // MARK: Layout

  /// Sorts the widest type first, which aligns every tensor to its element size.
  private static func sorted(_ items: [Item]) -> [Item] {
    var ranks: [DataType: Int] = [:]
    for (rank, type) in DataType.allCases.enumerated() { ranks[type] = rank }
    return items.sorted { left, right in
      guard left.tensor.dataType == right.tensor.dataType else {
        return ranks[left.tensor.dataType, default: 0] > ranks[right.tensor.dataType, default: 0]
      }
      return ExactName(left.tensor.name) < ExactName(right.tensor.name)
    }
  }

  private static func header(
    _ items: [Item], metadata: [String: String], file: String, alignment: Int
  ) throws(SafetensorsError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: SafetensorsHeader.prefixLength)
    bytes.append(UInt8(ascii: "{"))
    append(metadata: metadata, to: &bytes)
    var begin: UInt64 = 0
    for (tensor, byteCount) in items {
      let (end, overflow) = begin.addingReportingOverflow(byteCount)
      guard !overflow else {
        throw .validationOverflow(
          file: file, tensor: tensor.name, shape: tensor.shape.map { UInt64($0) })
      }
      append(tensor, offsets: (begin, end), to: &bytes)
      begin = end
    }
    bytes.append(UInt8(ascii: "}"))
    while bytes.count % alignment != 0 { bytes.append(UInt8(ascii: " ")) }
    let length = bytes.count - SafetensorsHeader.prefixLength
    guard length <= SafetensorsHeader.lengthLimit else {
      throw .headerTooLarge(file: file, limit: SafetensorsHeader.lengthLimit, found: UInt64(length))
    }
    for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    return bytes
  }

  private static func append(metadata: [String: String], to bytes: inout [UInt8]) {
    guard !metadata.isEmpty else { return }
    bytes.append(contentsOf: #""__metadata__":{"#.utf8)
    for (index, key) in metadata.keys.sorted(by: { ExactName($0) < ExactName($1) }).enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      JSONWriter.append(string: key, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      JSONWriter.append(string: metadata[key] ?? "", to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private static func append(
    _ tensor: SafetensorsWriter.Tensor,
    offsets: (begin: UInt64, end: UInt64),
    to bytes: inout [UInt8]
  ) {
    if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
    JSONWriter.append(string: tensor.name, to: &bytes)
    let shape = tensor.shape.map { "\($0)" }.joined(separator: ",")
    bytes.append(
      contentsOf: """
        :{"dtype":"\(tensor.dataType.rawValue)","shape":[\(shape)],\
        "data_offsets":[\(offsets.begin),\(offsets.end)]}
        """.utf8
    )
  }
}

extension SafetensorsWriter.Tensor.Content {
  /// The size if it is known in advance.
  fileprivate var byteCount: UInt64? {
    switch self {
    case .bytes(let values): UInt64(values.count)
    case .floats(let values): UInt64(values.count) * 4
    case .integers(let values): UInt64(values.count) * 8
    case .provider: nil
    }
  }
}
