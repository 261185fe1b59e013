import Foundation
import Glibc
import SwiftletRecords
import Testing

/// A file with given bytes, which is removed with the object.
final class TemporaryFile {
  let path: String

  init(_ bytes: [UInt8]) throws {
    var template = Array("\(P_tmpdir)/swiftlet-records-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      try #require(count > 0)
      rest = rest.dropFirst(count)
    }
  }

  convenience init(_ text: String) throws { try self.init(Array(text.utf8)) }

  deinit { unlink(path) }
}

/// All records of a file with these bytes.
func records(
  _ bytes: [UInt8],
  _ format: RecordFormat,
  dialect: DialectChoice = DialectChoice(),
  columns: ColumnChoice = ColumnChoice(),
  wantsLabel: Bool = false,
  recordLimit: Int = RecordReader.defaultRecordLimit
) throws -> [Record] {
  let file = try TemporaryFile(bytes)
  let reader = try RecordReader(
    path: file.path,
    format: format,
    dialect: dialect,
    columns: columns,
    wantsLabel: wantsLabel,
    recordLimit: recordLimit
  )
  var records: [Record] = []
  while let record = try reader.next() { records.append(record) }
  return records
}

func records(
  _ text: String,
  _ format: RecordFormat,
  dialect: DialectChoice = DialectChoice(),
  columns: ColumnChoice = ColumnChoice(),
  wantsLabel: Bool = false,
  recordLimit: Int = RecordReader.defaultRecordLimit
) throws -> [Record] {
  try records(
    Array(text.utf8),
    format,
    dialect: dialect,
    columns: columns,
    wantsLabel: wantsLabel,
    recordLimit: recordLimit
  )
}

/// The message of the error on reading a file with this content; its path is replaced by `FILE`.
func failure(
  _ text: String,
  _ format: RecordFormat,
  dialect: DialectChoice = DialectChoice(),
  columns: ColumnChoice = ColumnChoice(),
  wantsLabel: Bool = false,
  recordLimit: Int = RecordReader.defaultRecordLimit
) throws -> String {
  try failure(
    Array(text.utf8),
    format,
    dialect: dialect,
    columns: columns,
    wantsLabel: wantsLabel,
    recordLimit: recordLimit
  )
}

func failure(
  _ bytes: [UInt8],
  _ format: RecordFormat,
  dialect: DialectChoice = DialectChoice(),
  columns: ColumnChoice = ColumnChoice(),
  wantsLabel: Bool = false,
  recordLimit: Int = RecordReader.defaultRecordLimit
) throws -> String {
  let error = #expect(throws: RecordError.self) {
    try records(
      bytes,
      format,
      dialect: dialect,
      columns: columns,
      wantsLabel: wantsLabel,
      recordLimit: recordLimit
    )
  }
  let description = try #require(error).description
  guard
    let slash = description.utf8.prefix(while: { $0 != UInt8(ascii: ":") }).lastIndex(
      of: UInt8(ascii: "/")
    ),
    let colon = description.firstIndex(of: ":"), slash < colon
  else { return description }
  return "FILE" + description[colon...]
}

extension RecordFormat {
  /// The formats of files.
  static var ofFiles: [RecordFormat] { allCases.filter { $0 != .folder } }
}

/// A named pipe that a thread of its own writes: a blocked thread of the cooperative pool would stop
/// other tests.
final class Pipe {
  private let file: TemporaryFile

  var path: String { file.path }

  struct Writer {
    let descriptor: Int32

    func send(_ bytes: [UInt8]) {
      _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
  }

  init(_ body: @escaping @Sendable (Writer) -> Void) throws {
    file = try TemporaryFile("")
    unlink(file.path)
    try #require(mkfifo(file.path, 0o600) == 0)
    let path = file.path
    Thread.detachNewThread {
      // No child of another test may keep the pipe open.
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      body(Writer(descriptor: descriptor))
      close(descriptor)
    }
  }
}
