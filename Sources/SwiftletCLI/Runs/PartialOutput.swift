import Glibc
import SwiftletSystem

/// The output of a run before it is complete: `FILE.partial` with the rows so far, and
/// `FILE.partial.state` with the run's progress and identity.
///
/// Both outlive the process, however it ends, so that `--resume` can continue the run. `FILE` appears
/// when the run is complete. Only one process can have the files open.
final class PartialOutput {
  /// The output, as the user named it.
  let name: String
  let file: LockedFile
  /// What the files hold: first what an interrupted run has left.
  private(set) var progress = RunProgress()
  /// The rows of the input that an interrupted run has done; 0 for a new run.
  private(set) var resumedRecords = 0
  private let destination: String
  private let statePath: String
  private let stateDescriptor: Int32
  /// Whether the files belong to this run, which deletes them if it ends without rows.
  private var isOwner = false

  /// Opens the files, and cuts off what an interrupted run wrote after its last whole chunk.
  ///
  /// - Parameters:
  ///   - name: a regular file, or a name without a file
  ///   - identity: that of this run
  ///   - resumes: whether the rows of an interrupted run are continued
  /// - Throws: `CommandFailure` if another process has the files open, for rows of an interrupted run
  ///   that is not resumed or is another one, and if the system refuses the files. Rows stay.
  init(of name: String, _ identity: RunIdentity, resumes: Bool) throws(CommandFailure) {
    self.name = name
    destination = OutputSink.resolved(name)
    statePath = destination + ".partial.state"
    file = try Self.lock(destination + ".partial", for: name)
    let size = try Self.explaining(name) { [file] () throws(FileError) in try file.size() }
    stateDescriptor = open(statePath, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
    guard stateDescriptor >= 0 else {
      let reason = FileError("create", path: statePath).description
      if size == 0 { unlink(file.path) }
      throw CommandFailure("cannot write \(name): \(reason)", .cannotCreate)
    }
    if size > 0, let state = try interruptedRun() {
      try check(state, identity, size: size, resumes: resumes)
      progress = state.progress
      resumedRecords = progress.records
    }
    isOwner = true
    try Self.explaining(name) { () throws(FileError) in
      try file.truncate(to: progress.bytes)
      if resumedRecords == 0 { try begin(identity) }
    }
  }

  deinit {
    if isOwner, progress.records == 0 { discard() }
    close(stateDescriptor)
  }

  private static func explaining<Result>(
    _ name: String, _ body: () throws(FileError) -> Result
  ) throws(CommandFailure) -> Result {
    do throws(FileError) { return try body() } catch {
      throw CommandFailure("cannot write \(name): \(error.reason)", .cannotCreate)
    }
  }

  private static func lock(_ path: String, for name: String) throws(CommandFailure) -> LockedFile {
    do throws(FileError) { return try LockedFile(path: path) } catch {
      guard error.operation == "lock" else {
        throw CommandFailure("cannot write \(name): \(error.description)", .cannotCreate)
      }
      throw CommandFailure(
        "cannot write \(name): another process is writing it (\(path) is locked); wait for its end,"
          + " or name another file", .cannotCreate)
    }
  }

  // MARK: The beginning

  /// The run that has left rows in the file; nil if it has none.
  ///
  /// - Throws: `CommandFailure` for a file that no run has left.
  private func interruptedRun() throws(CommandFailure) -> RunState? {
    guard let state = RunState(descriptor: stateDescriptor) else {
      var status = stat()
      if fstat(stateDescriptor, &status) == 0, status.st_size == 0 { unlink(statePath) }
      throw CommandFailure(
        "cannot write \(name): \(file.path) exists, and \(statePath) does not say what it is; delete it"
          + " or name another output", .cannotCreate)
    }
    return state.progress.records > 0 ? state : nil
  }

  private func check(
    _ state: RunState, _ identity: RunIdentity, size: Int, resumes: Bool
  ) throws(CommandFailure) {
    let rows = Self.count(state.progress.records)
    guard resumes else {
      throw CommandFailure(
        "\(file.path) has \(rows) of an interrupted run; give --resume to continue it, or delete the"
          + " file to begin again", .cannotCreate)
    }
    if let difference = identity.difference(from: state.identity) {
      throw CommandFailure(
        "cannot resume the run in \(file.path): \(difference); repeat the run as it was, or delete the"
          + " file to begin again", .usage)
    }
    guard size >= state.progress.bytes else {
      throw CommandFailure(
        "cannot resume the run in \(file.path): it has \(size) bytes, expected at least"
          + " \(state.progress.bytes); delete it to begin again", .badData)
    }
  }

  /// Writes the state of a new run. The new file has the permissions of the old one.
  private func begin(_ identity: RunIdentity) throws(FileError) {
    var status = stat()
    if stat(destination, &status) == 0 { fchmod(file.descriptor, status.st_mode & 0o777) }
    guard ftruncate(stateDescriptor, 0) == 0 else { throw FileError("write", path: statePath) }
    try write(RunState(progress: progress, identity: identity).bytes)
  }

  private func write(_ bytes: [UInt8]) throws(FileError) {
    let count = bytes.withUnsafeBytes { pwrite(stateDescriptor, $0.baseAddress, $0.count, 0) }
    guard count == bytes.count else { throw FileError("write", path: statePath) }
  }

  // MARK: The end

  /// Records that everything written so far belongs to `progress`, whose bytes are those of the file.
  func record(_ progress: RunProgress) throws(CommandFailure) {
    var progress = progress
    progress.bytes = Int(lseek(file.descriptor, 0, SEEK_CUR))
    try Self.explaining(name) { () throws(FileError) in try write(progress.line) }
    self.progress = progress
  }

  /// Renames the complete file.
  func commit() throws(FileError) {
    try file.rename(to: destination)
    unlink(statePath)
    isOwner = false
  }

  /// Deletes both files.
  func discard() {
    unlink(file.path)
    unlink(statePath)
    isOwner = false
  }

  /// What the files keep, for a message: `answers.csv.partial keeps 12,000 rows`.
  var summary: String { "\(file.path) keeps \(Self.count(progress.records))" }

  private static func count(_ rows: Int) -> String {
    rows == 1 ? "1 row" : "\(NumberText.grouped(rows)) rows"
  }
}
