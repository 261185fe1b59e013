import SwiftletJSON
import SwiftletRecords
import SwiftletSystem

/// How far a run has come: what its output holds after whole chunks.
struct RunProgress: Equatable {
  /// Rows of the input, skipped ones included.
  var records = 0
  /// Rows that were written.
  var rows = 0
  /// The size of the output.
  var bytes = 0
  /// The size of `--error-file`.
  var errorBytes = 0
  /// The digest of the rows of the input.
  var digest = RowDigest().hex

  /// One line of JSON, of the same size for all progress, so that it can be overwritten in place.
  var line: [UInt8] {
    let numbers = [
      ("records", records), ("rows", rows), ("bytes", bytes), ("errorBytes", errorBytes),
    ]
    let members = numbers.map { name, value in
      "\"\(name)\":" + DisplayText.pad(String(value), to: 19, alignRight: true)
    }
    return Array("{\(members.joined(separator: ",")),\"digest\":\"\(digest)\"}\n".utf8)
  }

  init() {}

  /// Nil for an object that is not of ``line``.
  init?(_ json: JSONValue) {
    let counts = ["records", "rows", "bytes", "errorBytes"].compactMap { json[$0]?.int }
    guard counts.count == 4, counts.allSatisfy({ $0 >= 0 }), let digest = json["digest"]?.string,
      digest.utf8.count == 64
    else { return nil }
    (records, rows, bytes, errorBytes) = (counts[0], counts[1], counts[2], counts[3])
    self.digest = digest
  }
}

/// A digest of the rows that a run has read, by which another run knows them again.
struct RowDigest {
  private var digest = MessageDigest<SHA256>()
  private var buffer: [UInt8] = []

  /// Adds everything of a row that its output may show. No byte of a text is 0xFF.
  mutating func add(_ row: SourcedText) {
    buffer.removeAll(keepingCapacity: true)
    for field in [row.text, row.pair, row.id] {
      if let field { buffer += field.utf8 } else { buffer.append(0xFE) }
      buffer.append(0xFF)
    }
    for column in row.columns {
      switch column.value {
      case .text(let text), .json(let text): buffer += text.utf8
      }
      buffer.append(0xFF)
    }
    buffer.withUnsafeBytes { digest.update($0) }
  }

  /// The digest so far, in hexadecimal digits.
  var hex: String {
    var copy = digest
    return copy.finish()
  }
}
