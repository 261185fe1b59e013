/// A character that the encoding of a file does not allow, and its place.
package struct EncodingFault: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// A byte that is not UTF-8, with a guess of the encoding. `word` is the word around the byte
    /// decoded as Windows-1252, if that is the guess.
    case notUTF8(UInt8, guess: EncodingGuess, word: String?)
    /// A byte that the encoding does not define.
    case undefined(UInt8, TextEncoding)
    /// Half of a surrogate pair of UTF-16.
    case loneSurrogate(UInt16, TextEncoding)
    /// The file ends within a character.
    case incomplete(TextEncoding)
  }

  let kind: Kind
  /// The position in the line or the column: `byte 5`, `character 5 of column 2`.
  let place: String

  /// Describes the invalid UTF-8 at `offset` in a line, or in a column that begins at `start`.
  ///
  /// Guesses the encoding of a file in UTF-8 from `bytes` and the bytes after them in `source`.
  init(
    in bytes: UnsafeBufferPointer<UInt8>, at offset: Int, from start: Int = 0, column: Int? = nil,
    of source: ByteSource
  ) {
    let byte = bytes[offset]
    let suffix = column.map { " of column \($0)" } ?? ""
    guard source.encoding != .utf8 else {
      place = "byte \(offset - start + 1)\(suffix)"
      let guess = (Array(bytes) + source.window).withUnsafeBufferPointer {
        EncodingGuess(around: $0)
      }
      let word = guess == .windows1252 ? Self.word(in: bytes, at: offset) : nil
      kind = .notUTF8(byte, guess: guess, word: word)
      return
    }
    let characters = bytes[start..<offset].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    place = "character \(characters + 1)\(suffix)"
    if byte == Transcoder.incompleteCharacter {
      kind = .incomplete(source.encoding)
    } else if byte == 0xED, offset + 2 < bytes.count {
      let low = UInt16(bytes[offset + 1] & 0x3F) << 6 | UInt16(bytes[offset + 2] & 0x3F)
      kind = .loneSurrogate(0xD000 | low, source.encoding)
    } else {
      kind = .undefined(byte, source.encoding)
    }
  }

  private static func word(in bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> String {
    func isOfWord(_ byte: UInt8) -> Bool {
      byte >= 0x80 || (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
    }
    var (start, end) = (offset, offset + 1)
    while start > 0, offset - start < 20, isOfWord(bytes[start - 1]) { start -= 1 }
    while end < bytes.count, end - offset < 20, isOfWord(bytes[end]) { end += 1 }
    var word = String.UnicodeScalarView()
    for byte in bytes[start..<end] { word.append(scalar(byte)) }
    return String(word)
  }

  /// Decodes a byte of Windows-1252, with U+FFFD for its five undefined bytes.
  private static func scalar(_ byte: UInt8) -> Unicode.Scalar {
    guard (0x80..<0xA0).contains(byte) else { return Unicode.Scalar(byte) }
    return Transcoder.windows1252[Int(byte) - 0x80] ?? "\u{FFFD}"
  }

  func description(of path: String) -> String {
    switch kind {
    case .notUTF8(let byte, let guess, let word):
      "not UTF-8: \(place) is \(Self.hexadecimal(byte, digits: 2)); "
        + guess.description(of: path, word: word)
    case .undefined(let byte, let encoding):
      "not \(encoding.name): \(place) is the undefined byte \(Self.hexadecimal(byte, digits: 2));"
        + " --encoding \(TextEncoding.latin1.rawValue) reads every byte"
    case .loneSurrogate(let unit, let encoding):
      "not \(encoding.name): \(place) is \(Self.hexadecimal(unit, digits: 4)), half of a surrogate"
        + " pair; the file is damaged there: correct the line"
    case .incomplete(let encoding):
      "not \(encoding.name): the file ends within \(place); it may be truncated"
    }
  }

  private static func hexadecimal(_ value: some BinaryInteger, digits: Int) -> String {
    let hex = String(value, radix: 16, uppercase: true)
    return "0x" + String(repeating: "0", count: max(0, digits - hex.utf8.count)) + hex
  }
}
