/// The entries of a header against the data that they claim: contiguous from the first byte to the
/// last, each of the size of its shape.
struct HeaderLayout {
  let file: String
  let entries: [HeaderEntry]
  let names: [UInt8]
  let dimensions: [UInt64]

  /// Checks 6 and 7.
  ///
  /// Entries are checked all before a tensor is made of any, so that a header full
  /// of overlaps costs no more than its own reading.
  func tensors(dataStart: Int, fileLength: Int) throws(SafetensorsError) -> [TensorInfo] {
    let order = entries.indices.sorted {
      (entries[$0].begin, entries[$0].end, $0) < (entries[$1].begin, entries[$1].end, $1)
    }
    var end: UInt64 = 0
    for index in order {
      try check(entries[index], previousEnd: end)
      end = entries[index].end
    }
    // A size in bytes is at most 2^61 after those checks, so this sum can't overflow.
    let expectedLength = UInt64(dataStart) + end
    guard expectedLength == UInt64(fileLength) else {
      throw .metadataIncompleteBuffer(
        file: file,
        expectedLength: expectedLength,
        fileLength: fileLength
      )
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
        file: file,
        tensor: name(of: entry),
        dataType: entry.dataType,
        bitCount: size.bits
      )
    }
    guard entry.end - entry.begin == size.bits / 8 else {
      throw .tensorInvalidInfo(
        file: file,
        tensor: name(of: entry),
        expected: size.bits / 8,
        found: entry.end - entry.begin
      )
    }
  }

  /// The entry as a tensor.
  ///
  /// Its offsets lie in the file by now, and its elements, of 4 bits or more,
  /// are fewer than 2^62; a dimension beyond `Int`, possible
  /// only beside a dimension of 0, is refused here, which the reference isn't strict enough to do.
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
      file: file,
      tensor: name(of: entry),
      shape: [UInt64](dimensions[entry.shape])
    )
  }
}
