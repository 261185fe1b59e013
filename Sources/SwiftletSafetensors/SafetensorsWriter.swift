import SwiftletSystem

/// Writes safetensors files, byte for byte as the reference implementation does: sorted by dtype
/// and name, so that equal tensors always make equal files.
public enum SafetensorsWriter {
  /// In which order tensors stand in a file.
  package enum Layout: Sendable {
    /// As the reference implementation sorts them.
    case reference
    /// As they are given, the first one at a multiple of 64 bytes from the beginning of the file:
    /// whoever orders them by size can have all of them begin on cache lines.
    case asGiven
  }

  /// Writes `tensors` to `path`, where an older file stays until the new one is whole and synced.
  ///
  /// Nothing stays behind on failure.
  ///
  /// Memory doesn't grow with the tensors: each is written as its provider hands it over.
  ///
  /// - Throws: `duplicateName`, `reservedName`, `invalidShape`, `validationOverflow`,
  ///   `misalignedSlice`, `tensorInvalidInfo`, `headerTooLarge` for what can't be written;
  ///   `providerFailed`; `unwritable` if the system refuses.
  public static func write(
    _ tensors: [Tensor],
    metadata: [String: String] = [:],
    to path: String
  ) throws(SafetensorsError) {
    try write(tensors, metadata: metadata, layout: .reference, to: path)
  }

  /// The same in any layout.
  package static func write(
    _ tensors: [Tensor],
    metadata: [String: String],
    layout: Layout,
    to path: String
  ) throws(SafetensorsError) {
    let plan = try WritingPlan(tensors, metadata: metadata, file: path, layout: layout)
    let file = try system(path) { () throws(FileError) in try ReplacementFile(replacing: path) }
    try plan.emit { (bytes) throws(SafetensorsError) in
      try system(path) { () throws(FileError) in try file.write(bytes) }
    }
    try system(path) { () throws(FileError) in try file.commit() }
  }

  /// Puts the system's refusals into this module's words.
  private static func system<Result>(
    _ path: String,
    _ operation: () throws(FileError) -> Result
  ) throws(SafetensorsError) -> Result {
    do throws(FileError) {
      return try operation()
    } catch {
      throw .unwritable(file: path, reason: error.reason)
    }
  }

  /// The file that ``write(_:metadata:to:)`` would write, in memory.
  public static func serialize(
    _ tensors: [Tensor],
    metadata: [String: String] = [:]
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
