import CSwiftlet
import Swiftlet

/// Reads option structs, whose first field is their size.
enum OptionStruct {
  /// Copies the caller's options over the defaults in `options`; does nothing for NULL.
  ///
  /// A caller compiled against an older header has a shorter struct: missing fields keep their
  /// defaults. A newer caller has a longer struct: fields unknown to this library must be 0.
  /// `smallest` is the struct's size in the first release.
  ///
  /// The struct is `inout` and not returned: Swift 6.3 confuses error and result when a function
  /// with a typed error returns a struct of more than four fields that it got from a generic
  /// function.
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

  /// Returns how many bytes of the caller's struct this library knows; `size` is its own struct's.
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

  /// Returns the value at the index `number`.
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

  /// Returns how a task without windows treats long texts; `task` continues the message.
  static func longText(_ number: Int32, of task: String) throws(Failure) -> LongText {
    guard number != SWIFTLET_LONG_TEXT_WINDOW else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "long_text: SWIFTLET_LONG_TEXT_WINDOW is not supported for \(task); use "
          + "SWIFTLET_LONG_TEXT_TRUNCATE, or split the text")
    }
    return try choice(number, of: [.truncate, .error], name: "long_text")
  }

  /// Returns 0 or 1 as a Boolean.
  static func flag(_ number: Int32, name: String) throws(Failure) -> Bool {
    try choice(number, of: [false, true], name: name)
  }

  /// Throws if a reserved field, which a later version may use, is not 0.
  static func checkReserved(_ isZero: Bool) throws(Failure) {
    guard isZero else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "a reserved field is not 0; initialise the struct with its _INIT macro")
    }
  }
}
