/// Checks that a header's tensors cover the data without gap or overlap, each with the size of its
/// shape.
struct HeaderLayout {
  let file: String
  let entries: [HeaderEntry]
  let names: [UInt8]
  let dimensions: [UInt64]

  /// Checks 6 and 7 of the reference: offsets and sizes, then the file's length.
  ///
  /// Checks all entries before it creates the first tensor, so that a header full of overlaps costs
  /// no more than parsing it.
  func tensors(dataStart: Int, fileLength: Int) throws(SafetensorsError) -> [TensorInfo] {
    let order = entries.indices.sorted {
      (entries[$0].begin, entries[$0].end, $0) < (entries[$1].begin, entries[$1].end, $1)
    }
    var end: UInt64 = 0
    for index in order {
      try check(entries[index], previousEnd: end)
      end = entries[index].end
    }
    // A checked size is at most 2^61 bytes, so this sum can't overflow.
    let expectedLength = UInt64(dataStart) + end
    guard expectedLength == UInt64(fileLength) else {
      throw .metadataIncompleteBuffer(
        file: file, expectedLength: expectedLength, fileLength: fileLength)
    }
    var tensors: [TensorInfo] = []
    tensors.reserveCapacity(order.count)
    for index in order { tensors.append(try tensor(entries[index])) }
    return tensors
  }

  private func check(_ entry: HeaderEntry, previousEnd: UInt64) throws(SafetensorsError) {
    guard entry.begin == previousEnd, entry.end >= entry.begin else {
      throw .invalidOffset(
        file: file,
        tensor: name(of: entry),
        expectedBegin: previousEnd,
        foundBegin: entry.begin,
        foundEnd: entry.end
      )
    }
    guard let size = entry.dataType.size(ofShape: dimensions[entry.shape]) else {
      throw overflow(entry)
    }
    guard size.bits % 8 == 0 else {
      throw .misalignedSlice(
        file: file, tensor: name(of: entry), dataType: entry.dataType, bitCount: size.bits)
    }
    guard entry.end - entry.begin == size.bits / 8 else {
      throw .tensorInvalidInfo(
        file: file, tensor: name(of: entry), expected: size.bits / 8, found: entry.end - entry.begin
      )
    }
  }

  /// Converts a checked entry to a tensor.
  ///
  /// Its offsets are within the file and it has fewer than 2^62 elements, of at least 4 bits. A
  /// dimension that does not fit `Int`, possible only beside a dimension of 0, is an error here;
  /// the reference accepts it.
  private func tensor(_ entry: HeaderEntry) throws(SafetensorsError) -> TensorInfo {
    var shape: [Int] = []
    for dimension in dimensions[entry.shape] {
      guard let dimension = Int(exactly: dimension) else { throw overflow(entry) }
      shape.append(dimension)
    }
    guard let size = entry.dataType.size(ofShape: dimensions[entry.shape]) else {
      throw overflow(entry)
    }
    return TensorInfo(
      name: name(of: entry),
      dataType: entry.dataType,
      shape: shape,
      dataOffsets: Int(entry.begin)..<Int(entry.end),
      elementCount: Int(size.elements)
    )
  }

  private func name(of entry: HeaderEntry) -> String {
    String(decoding: names[entry.name], as: UTF8.self)
  }

  private func overflow(_ entry: HeaderEntry) -> SafetensorsError {
    .validationOverflow(
      file: file, tensor: name(of: entry), shape: [UInt64](dimensions[entry.shape]))
  }
}
