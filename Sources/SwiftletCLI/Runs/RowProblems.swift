import Glibc
import SwiftletJSON
import SwiftletSystem

/// Counts the rows that a run passes over because of an error, and lists them in `--error-file`.
final class RowProblems {
  let policy: ErrorPolicy
  private let list: ProblemList?
  private(set) var count = 0
  /// The place and the problem of the first row.
  private var first = ""

  init(policy: ErrorPolicy = .stop, list: ProblemList? = nil) {
    self.policy = policy
    self.list = list
  }

  /// Adds a row that has a problem.
  func add(_ row: SourcedText) {
    guard let problem = row.problem else { return }
    if count == 0 { first = "\(row.place): \(problem)" }
    count += 1
    list?.add(row, problem)
  }

  /// Writes the list as far as it has come; returns its size in bytes, 0 without a list.
  func flush() throws(CommandFailure) -> Int { try list?.flush() ?? 0 }

  /// Says at the end of a run how many rows were passed over.
  func warn() {
    guard count > 0 else { return }
    let rows = count == 1 ? "1 row was" : "\(NumberText.grouped(count)) rows were"
    let fate = policy == .skip ? "skipped" : "left without an answer"
    printMessage(
      "swiftlet: warning: \(rows) \(fate) because of an error (\(count == 1 ? "" : "the first is ")"
        + DisplayText.oneLine(first) + ")"
        + (list.map { "; \(DisplayText.oneLine($0.path)) lists \(count == 1 ? "it" : "them")" }
          ?? (count == 1 ? "" : "; --error-file lists them")))
  }
}

/// `--error-file`: a JSON object on each line with the number, the place and the problem of a row.
final class ProblemList {
  let path: String
  private let descriptor: Int32
  private var size: Int
  private var buffer: [UInt8] = []

  /// Opens the file and keeps its first `kept` bytes, which an interrupted run has written.
  init(path: String, keeping kept: Int) throws(CommandFailure) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw CommandFailure(FileError("write", path: path).description, .cannotCreate)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      size = 0
      return
    }
    size = min(kept, Int(status.st_size))
    guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, off_t(size), SEEK_SET) >= 0
    else {
      throw CommandFailure(FileError("write", path: path).description, .cannotCreate)
    }
  }

  deinit { close(descriptor) }

  func add(_ row: SourcedText, _ problem: String) {
    var members: [JSONValue.Member] = []
    if let file = row.file { members.append(("file", .string(file))) }
    members.append(("record", .int(row.record)))
    if let line = row.line { members.append(("line", .int(line))) }
    if let id = row.id { members.append(("id", .string(id))) }
    members.append(("reason", .string(problem)))
    buffer += JSONValue.object(members).line
  }

  /// Hands everything to the system; returns the size of the file.
  func flush() throws(CommandFailure) -> Int {
    guard !buffer.isEmpty else { return size }
    do throws(FileError) {
      try buffer.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try FileWriting.write(UnsafeRawBufferPointer(bytes), to: descriptor, path: path)
      }
    } catch {
      throw CommandFailure(error.description, .inputOutput)
    }
    size += buffer.count
    buffer.removeAll(keepingCapacity: true)
    return size
  }
}
