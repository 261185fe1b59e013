import SwiftletJSON

/// A `vocab.txt`: one token a line, the id is the number of the line from 0.
enum VocabularyFile {
  /// Lines end with LF, CR LF or CR, and nothing else is trimmed, as transformers reads them; of equal
  /// lines the last counts.
  static func read(
    _ bytes: UnsafeBufferPointer<UInt8>,
    path: String
  ) throws(TokenizerError) -> VocabularyBuilder {
    guard bytes.count <= VocabularyBuilder.byteLimit else {
      throw .tooLarge(path: path, bytes: bytes.count)
    }
    if let bad = UTF8Validation.firstInvalidOffset(in: bytes) {
      throw .invalidUTF8(path: path, line: lineNumber(of: bad, in: bytes))
    }
    var builder = VocabularyBuilder(
      expectedBytes: bytes.count,
      expectedTokens: bytes.count / 6,
      replacesDuplicates: true
    )
    var id: Int32 = 0  // can't overflow: a line takes a byte, and those are counted above
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != newline, bytes[end] != carriageReturn { end += 1 }
      builder.append(UnsafeBufferPointer(rebasing: bytes[start..<end]), id: id)
      id += 1
      start = end + 1
      if end + 1 < bytes.count, bytes[end] == carriageReturn, bytes[end + 1] == newline {
        start += 1
      }
    }
    return builder
  }

  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private static func lineNumber(of offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var line = 1
    for index in 0..<offset {
      let ends = bytes[index] == newline
      let endsAlone = bytes[index] == carriageReturn && bytes[index + 1] != newline
      if ends || endsAlone { line += 1 }
    }
    return line
  }
}
