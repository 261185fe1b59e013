import CSwiftlet

/// Checks the pointers through which calls return results.
enum OutputPlace {
  /// Sets the caller's result pointer to NULL, in case the call fails, and returns its address.
  static func cleared<Value>(
    _ place: UnsafeMutablePointer<Value?>?, name: String
  ) throws(Failure) -> UnsafeMutablePointer<Value?> {
    guard let place else {
      throw .argument("\(name) is NULL; pass the address of a pointer for the result")
    }
    place.pointee = nil
    return place
  }

  /// Checks the caller's buffer for `count` rows of `width` floats.
  static func rows(
    _ buffer: UnsafeMutablePointer<Float>?, capacity: Int, count: Int, width: Int, name: String
  ) throws(Failure) -> OutputRows {
    try InputText.check(count: count, hasAddress: buffer != nil, name: name)
    let (needed, overflow) = count.multipliedReportingOverflow(by: width)
    // Compared as unsigned numbers, because capacity is a size_t.
    guard !overflow, UInt(bitPattern: capacity) >= UInt(bitPattern: needed) else {
      throw .argument(
        "\(name) holds \(UInt(bitPattern: capacity)) floats, but \(count) texts need "
          + (overflow ? "more than any buffer holds" : "\(needed)") + ": \(width) each")
    }
    return OutputRows(start: buffer, width: width)
  }
}

/// A buffer of the caller, checked to be large enough.
struct OutputRows {
  let start: UnsafeMutablePointer<Float>?
  let width: Int

  /// Writes rows of `width` numbers.
  func write(_ rows: some Sequence<[Float]>) {
    guard var target = start else { return }
    for row in rows {
      for (column, value) in row.prefix(width).enumerated() { target[column] = value }
      target += width
    }
  }
}
