import SwiftletSystem

/// Writes safetensors files that equal those of the reference implementation byte for byte.
public enum SafetensorsWriter {
  /// The order of tensors in a file.
  package enum Layout: Sendable {
    /// Sorted by dtype and name, as the reference implementation does.
    case reference
    /// The order given, with the data at a multiple of 64 bytes, so that a suitable order aligns
    /// all tensors to cache lines.
    case asGiven
  }

  /// Writes `tensors` to `path`; replaces an existing file atomically, after the new one is synced.
  ///
  /// On failure an existing file is unchanged. Tensors are streamed, so memory does not grow with
  /// their size.
  ///
  /// - Throws: `duplicateName`, `reservedName`, `invalidShape`, `validationOverflow`,
  ///   `misalignedSlice`, `tensorInvalidInfo`, `headerTooLarge` for invalid tensors;
  ///   `providerFailed`; `unwritable` if the system refuses.
  public static func write(
    _ tensors: [Tensor], metadata: [String: String] = [:], to path: String
  ) throws(SafetensorsError) {
    try write(tensors, metadata: metadata, layout: .reference, to: path)
  }

  /// Writes `tensors` to `path` in the given layout.
  package static func write(
    _ tensors: [Tensor], metadata: [String: String], layout: Layout, to path: String
  ) throws(SafetensorsError) {
    let plan = try WritingPlan(tensors, metadata: metadata, file: path, layout: layout)
    let file = try system(path) { () throws(FileError) in try StagedFile(replacing: path) }
    try plan.emit { (bytes) throws(SafetensorsError) in
      try system(path) { () throws(FileError) in try file.write(bytes) }
    }
    try system(path) { () throws(FileError) in try file.commit() }
  }

  /// Converts the system's errors to this module's.
  private static func system<Result>(
    _ path: String, _ operation: () throws(FileError) -> Result
  ) throws(SafetensorsError) -> Result {
    do throws(FileError) {
      return try operation()
    } catch {
      throw .unwritable(file: path, reason: error.reason)
    }
  }

  /// Returns the bytes of the file that ``write(_:metadata:to:)`` would write.
  public static func serialize(
    _ tensors: [Tensor], metadata: [String: String] = [:]
  ) throws(SafetensorsError) -> [UInt8] {
    let plan = try WritingPlan(tensors, metadata: metadata, file: "(bytes)")
    let output = Output()
    try plan.emit { (bytes) throws(SafetensorsError) in output.bytes.append(contentsOf: bytes) }
    return output.bytes
  }

  private final class Output {
    var bytes: [UInt8] = []
  }
}
