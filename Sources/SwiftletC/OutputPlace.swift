import CSwiftlet

/// Where calls write what they give.
enum OutputPlace {
  /// The place for a pointer, set to NULL for the case that the call fails.
  static func cleared<Value>(
    _ place: UnsafeMutablePointer<Value?>?, name: String
  ) throws(Failure) -> UnsafeMutablePointer<Value?> {
    guard let place else {
      throw .argument("\(name) is NULL; give the address of a pointer that takes the result")
    }
    place.pointee = nil
    return place
  }

  /// The caller's buffer for `count` rows of `width` floats.
  static func rows(
    _ buffer: UnsafeMutablePointer<Float>?, capacity: Int, count: Int, width: Int, name: String
  ) throws(Failure) -> OutputRows {
    // A count that can't be true is refused here, before it is multiplied.
    try InputText.check(count: count, hasAddress: buffer != nil, name: name)
    let (needed, overflow) = count.multipliedReportingOverflow(by: width)
    // As unsigned numbers: capacity is a size_t, however large.
    guard !overflow, UInt(bitPattern: capacity) >= UInt(bitPattern: needed) else {
      throw .argument(
        "\(name) holds \(UInt(bitPattern: capacity)) floats, but \(count) texts need "
          + (overflow ? "more than there are" : "\(needed)") + ": \(width) each")
    }
    return OutputRows(start: buffer, width: width)
  }
}

/// A buffer of the caller's that is large enough.
struct OutputRows {
  let start: UnsafeMutablePointer<Float>?
  let width: Int

  /// Writes one row after another, each of `width` numbers.
  func write(_ rows: some Sequence<[Float]>) {
    guard var target = start else { return }
    for row in rows {
      for (column, value) in row.prefix(width).enumerated() { target[column] = value }
      target += width
    }
  }
}
