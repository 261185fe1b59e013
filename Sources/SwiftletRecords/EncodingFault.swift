/// An invalid byte in UTF-8, with a guess of the file's encoding.
package struct EncodingFault: Sendable, Equatable {
  let byte: UInt8
  /// The position in the line or the column: `byte 5`, `byte 5 of column 2`.
  let place: String
  let guess: EncodingGuess
  /// The word around the byte decoded as Windows-1252, if that is the guess.
  let word: String?

  /// Describes the byte at `offset`; guesses the encoding from `bytes` and the bytes after them.
  init(
    in bytes: UnsafeBufferPointer<UInt8>, at offset: Int, place: String,
    followedBy rest: UnsafeBufferPointer<UInt8>
  ) {
    byte = bytes[offset]
    self.place = place
    guess = (Array(bytes) + rest).withUnsafeBufferPointer { EncodingGuess(around: $0) }
    word = guess == .windows1252 ? Self.word(in: bytes, at: offset) : nil
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
    let scalars = Array(
      "€\u{FFFD}‚ƒ„…†‡ˆ‰Š‹Œ\u{FFFD}Ž\u{FFFD}\u{FFFD}‘’“”•–—˜™š›œ\u{FFFD}žŸ".unicodeScalars)
    return scalars[Int(byte) - 0x80]
  }

  func description(of path: String) -> String {
    let hex = (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    return "not UTF-8: \(place) is 0x\(hex); " + guess.description(of: path, word: word)
  }
}
