import SwiftletSystem

/// A file that is written at the end of a run, checked before it.
struct ReportFile {
  /// The option that names it, for messages.
  let option: String
  let path: String

  /// Refuses a name that cannot be written, or that is a file of the run.
  ///
  /// - Parameters:
  ///   - inputs: The paths of files that are read.
  ///   - others: The other files that are written.
  /// - Throws: `CommandFailure` that names the option and the file.
  func check(reading inputs: [String], beside others: [ReportFile]) throws(CommandFailure) {
    let name = "\(option) \(DisplayText.oneLine(path))"
    if let identity = FileIdentity(of: path) {
      guard identity.isRegularFile else {
        throw CommandFailure("\(name) is not a regular file; name another file", .cannotCreate)
      }
      if let input = inputs.first(where: { FileIdentity(of: $0) == identity }) {
        throw CommandFailure("\(name) is the input \(input); name another file", .usage)
      }
    }
    if let other = others.first(where: { $0.path == path }) {
      throw CommandFailure("\(name) is also \(other.option); name another file", .usage)
    }
    // Creates the temporary file and deletes it.
    _ = try OutputSink(path: path)
  }

  /// Writes the whole file, which replaces an old one.
  func write(_ bytes: [UInt8]) throws {
    let sink = try OutputSink(path: path)
    try sink.write(bytes)
    try sink.finish()
  }
}
