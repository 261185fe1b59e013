import SwiftletJSON

/// The likely encoding of bytes that are not UTF-8.
package enum EncodingGuess: Sendable, Equatable {
  /// UTF-16 without a byte order mark.
  case utf16(TextEncoding)
  /// `name` is iconv's; it includes the byte order if the file has no byte order mark.
  case utf32(name: String)
  /// Single non-ASCII bytes, as Western Windows programs write them.
  case windows1252
  /// UTF-8 with some invalid bytes.
  case damagedUTF8
  case unknown

  /// Detects UTF-32 at the beginning of a file by a byte order mark, and UTF-16 and UTF-32 by the
  /// zero bytes of ASCII characters; nil if the file may have another encoding.
  init?(beginningOf bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      self = .utf32(name: "UTF-32")
      return
    }
    guard let encoding = Self.wide(bytes) else { return nil }
    self = encoding
  }

  /// Guesses from the bytes around a fault; `bytes` may end within a sequence.
  init(around bytes: UnsafeBufferPointer<UInt8>) {
    if let wide = Self.wide(bytes) {
      self = wide
      return
    }
    var (sequences, faults, runs) = (0, 0, 0)
    var offset = 0
    var endOfFault = -1
    while offset < bytes.count {
      if let length = UTF8Validation.sequenceLength(in: bytes, at: offset) {
        if length > 1 { sequences += 1 }
        offset += length
        continue
      }
      // A sequence at the end of the sample may be incomplete.
      if bytes.count - offset < 4, bytes[offset] >= 0xC2 { break }
      faults += 1
      if endOfFault == offset { runs += 1 }
      offset += 1
      endOfFault = offset
    }
    if sequences > 0, sequences >= faults {
      self = .damagedUTF8
    } else if runs * 2 <= faults, sequences * 8 <= faults {
      self = .windows1252
    } else {
      self = .unknown
    }
  }

  /// Detects UTF-16 and UTF-32 without a byte order mark: at least 30 % of the characters are
  /// ASCII, with zeros in their other bytes, and there are few zeros in other positions.
  private static func wide(_ bytes: UnsafeBufferPointer<UInt8>) -> EncodingGuess? {
    let count = min(bytes.count, 4096) / 4 * 4
    guard count >= 4 else { return nil }
    var zeros = [0, 0, 0, 0]
    for index in 0..<count where bytes[index] == 0 { zeros[index % 4] += 1 }
    let units = count / 4
    if zeros[1] == units, zeros[2] == units, zeros[3] == units, zeros[0] == 0 {
      return .utf32(name: "UTF-32LE")
    }
    if zeros[0] == units, zeros[1] == units, zeros[2] == units, zeros[3] == 0 {
      return .utf32(name: "UTF-32BE")
    }
    let (even, odd) = (zeros[0] + zeros[2], zeros[1] + zeros[3])
    if odd * 10 >= units * 2 * 3, even * 16 <= odd { return .utf16(.utf16LittleEndian) }
    if even * 10 >= units * 2 * 3, odd * 16 <= even { return .utf16(.utf16BigEndian) }
    return nil
  }

  /// Describes the guess and the option or command that reads the file at `path`; `word` is an
  /// example.
  func description(of path: String, word: String? = nil) -> String {
    switch self {
    case .utf16(let encoding):
      return "looks like \(encoding.name), not UTF-8; give --encoding \(encoding.rawValue)"
    case .utf32(let name):
      return "looks like \(name), not UTF-8; " + Self.conversion(of: path, from: name)
    case .windows1252:
      let example = word.map { ", which reads \"\($0)\"" } ?? ""
      return "looks like Latin-1 or Windows-1252\(example); give --encoding"
        + " \(TextEncoding.cp1252.rawValue)"
    case .damagedUTF8:
      return "the rest of the file is UTF-8; correct the line, or remove invalid bytes: "
        + Self.command(path, "-c -f UTF-8")
    case .unknown:
      return "the encoding is neither UTF-8 nor Latin-1; find its name with iconv -l, and "
        + Self.conversion(of: path, from: "…")
    }
  }

  private static func conversion(of path: String, from name: String) -> String {
    "convert it: " + command(path, "-f \(name)")
  }

  private static func command(_ path: String, _ options: String) -> String {
    guard path != "<stdin>" else { return "iconv \(options) -t UTF-8 | swiftlet …" }
    return "iconv \(options) -t UTF-8 \(ShellText.quote(path)) > "
      + ShellText.name(path, inserting: "utf8")
  }
}
