import CSwiftlet

/// Reads the structs of options, which begin with their size.
enum OptionStruct {
  /// Copies the caller's options over the defaults in `options`; leaves those for NULL.
  ///
  /// A caller that was compiled against an older header has a shorter struct: what it lacks keeps its
  /// default. A newer one has a longer struct: what this library does not know must be 0. `smallest`
  /// are the bytes that the struct had when it was first released.
  ///
  /// The struct is no result, because Swift 6.3 mixes up the error and the result of a function that
  /// throws a typed error and gives a struct of more than four fields on from a generic one.
  static func read<Options: BitwiseCopyable>(
    _ pointer: UnsafePointer<Options>?, into options: inout Options, smallest: Int, name: String
  ) throws(Failure) {
    guard let pointer else { return }
    let known = try knownBytes(
      of: pointer, size: MemoryLayout<Options>.size, smallest: smallest, name: name)
    withUnsafeMutableBytes(of: &options) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: UnsafeRawPointer(pointer), count: known))
    }
  }

  /// How many of a struct's bytes this library understands, of the `size` that it has here.
  private static func knownBytes(
    of pointer: UnsafeRawPointer, size: Int, smallest: Int, name: String
  ) throws(Failure) -> Int {
    let given = pointer.loadUnaligned(as: Int.self)
    guard (smallest...4096).contains(given) else {
      throw .argument(
        "the size in \(name) is \(UInt(bitPattern: given)); set it to sizeof(\(name)), which is "
          + "\(size)")
    }
    let known = min(given, size)
    let more = UnsafeRawBufferPointer(start: pointer + known, count: given - known)
    if let offset = more.firstIndex(where: { $0 != 0 }) {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "\(name) has an option that this library does not know, at byte \(known + offset); set it "
          + "to 0, or install a newer library")
    }
    return known
  }

  /// The value that a number stands for, by its place.
  static func choice<Value>(
    _ number: Int32, of values: [Value], name: String
  ) throws(Failure) -> Value {
    guard values.indices.contains(Int(number)) else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "\(name) is \(number); it must be between 0 and \(values.count - 1)")
    }
    return values[Int(number)]
  }

  /// Refuses a field that a later version may give a meaning.
  static func checkReserved(_ isZero: Bool) throws(Failure) {
    guard isZero else {
      throw Failure(
        SWIFTLET_INVALID_OPTION, "a reserved field is not 0; begin with the _INIT macro")
    }
  }
}
