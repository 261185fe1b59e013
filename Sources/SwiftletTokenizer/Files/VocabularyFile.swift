import SwiftletJSON

/// Reads a `vocab.txt`: one token per line, whose id is the line index from 0.
enum VocabularyFile {
  /// Reads lines that end in LF and trims white space before it, as `tokenizers` does; the last of
  /// equal lines counts.
  static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, path: String
  ) throws(TokenizerError) -> VocabularyBuilder {
    guard bytes.count <= VocabularyBuilder.byteLimit else {
      throw .tooLarge(path: path, bytes: bytes.count)
    }
    if let bad = UTF8Validation.firstInvalidOffset(in: bytes) {
      throw .invalidUTF8(path: path, line: lineNumber(of: bad, in: bytes))
    }
    var builder = VocabularyBuilder(
      expectedBytes: bytes.count, expectedTokens: bytes.count / 6, replacesDuplicates: true)
    var id: Int32 = 0  // can't overflow: every line takes a byte, and the size is checked above
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != newline { end += 1 }
      let trimmed = trimmedEnd(of: bytes, start..<end)
      builder.append(UnsafeBufferPointer(rebasing: bytes[start..<trimmed]), id: id)
      id += 1
      start = end + 1
    }
    return builder
  }

  /// Returns the end of a line without trailing white space.
  private static func trimmedEnd(of bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Int {
    var end = line.upperBound
    while end > line.lowerBound {
      let (scalar, start) = UTF8Scalars.decode(bytes, before: end)
      guard ScalarProperties(of: scalar).contains(.whitespace) else { break }
      end = start
    }
    return end
  }

  private static let newline = UInt8(ascii: "\n")

  private static func lineNumber(of offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    1 + bytes[..<offset].count { $0 == newline }
  }
}
