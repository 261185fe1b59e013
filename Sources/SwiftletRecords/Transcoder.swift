/// Converts bytes of an encoding to UTF-8, as Python's codecs do.
///
/// What can't be decoded becomes invalid UTF-8, which the reader of the row finds and reports with
/// its place: an undefined byte stays as it is, half of a surrogate pair gets the three bytes that
/// its code point would have, and a character that the file cuts off becomes
/// ``incompleteCharacter``.
struct Transcoder {
  private enum Form {
    /// The code points of the bytes 0x80 to 0x9F; nil for undefined ones.
    case singleByte([Unicode.Scalar?])
    case utf16(isBigEndian: Bool)
  }

  /// A byte that UTF-8 never has, for a character without its last byte.
  static let incompleteCharacter: UInt8 = 0xFF
  /// The most bytes that one character needs.
  static let maxCharacterBytes = 4

  private let form: Form

  /// Nil for UTF-8. UTF-16 without a byte order is little-endian.
  init?(_ encoding: TextEncoding) {
    switch encoding {
    case .utf8: return nil
    case .utf16, .utf16LittleEndian: form = .utf16(isBigEndian: false)
    case .utf16BigEndian: form = .utf16(isBigEndian: true)
    case .latin1: form = .singleByte((0x80...0x9F).map { Unicode.Scalar($0 as UInt8) })
    case .cp1252: form = .singleByte(Self.windows1252)
    }
  }

  /// The code points of the bytes 0x80 to 0x9F in Windows-1252; nil for undefined ones.
  static let windows1252: [Unicode.Scalar?] = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ".unicodeScalars
    .map { $0 == " " ? nil : $0 }

  /// Converts as many bytes as fit into `output`; returns the counts of bytes read and written.
  ///
  /// A character at the end whose other bytes may follow is not read unless `isAtEnd`.
  func convert(
    _ bytes: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>,
    isAtEnd: Bool
  ) -> (read: Int, written: Int) {
    var writer = Writer(output: output)
    let read =
      switch form {
      case .singleByte(let high): Self.convert(bytes, high, &writer)
      case .utf16(let isBigEndian):
        Self.convert(bytes, isBigEndian: isBigEndian, isAtEnd: isAtEnd, &writer)
      }
    return (read, writer.count)
  }

  private static func convert(
    _ bytes: UnsafeBufferPointer<UInt8>, _ high: [Unicode.Scalar?], _ writer: inout Writer
  ) -> Int {
    var offset = 0
    while offset < bytes.count, writer.hasRoom {
      let byte = bytes[offset]
      offset += 1
      if byte < 0x80 {
        writer.append(byte)
      } else if byte >= 0xA0 {
        writer.append(codePoint: UInt32(byte))
      } else if let scalar = high[Int(byte) - 0x80] {
        writer.append(codePoint: scalar.value)
      } else {
        writer.append(byte)
      }
    }
    return offset
  }

  private static func convert(
    _ bytes: UnsafeBufferPointer<UInt8>, isBigEndian: Bool, isAtEnd: Bool, _ writer: inout Writer
  ) -> Int {
    func unit(_ offset: Int) -> UInt32 {
      let (first, second) = (UInt32(bytes[offset]), UInt32(bytes[offset + 1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    var offset = 0
    while offset + 1 < bytes.count, writer.hasRoom {
      let first = unit(offset)
      if (0xD800..<0xDC00).contains(first) {
        guard offset + 3 < bytes.count || isAtEnd else { return offset }
        if offset + 3 < bytes.count, (0xDC00..<0xE000).contains(unit(offset + 2)) {
          writer.append(codePoint: 0x10000 + (first - 0xD800) << 10 + unit(offset + 2) - 0xDC00)
          offset += 4
          continue
        }
      }
      writer.append(codePoint: first)
      offset += 2
    }
    guard isAtEnd, offset + 1 == bytes.count, writer.hasRoom else { return offset }
    writer.append(incompleteCharacter)
    return offset + 1
  }

  /// Writes UTF-8 into a buffer.
  private struct Writer {
    let output: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(output: UnsafeMutableBufferPointer<UInt8>) { self.output = output }

    var hasRoom: Bool { count + maxCharacterBytes <= output.count }

    mutating func append(_ byte: UInt8) {
      output[count] = byte
      count += 1
    }

    /// Appends a code point, surrogates too.
    mutating func append(codePoint: UInt32) {
      func trailing(_ shift: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: 0x80 | codePoint >> shift & 0x3F)
      }
      switch codePoint {
      case 0..<0x80: append(UInt8(codePoint))
      case 0x80..<0x800:
        append(UInt8(truncatingIfNeeded: 0xC0 | codePoint >> 6))
        append(trailing(0))
      case 0x800..<0x10000:
        append(UInt8(truncatingIfNeeded: 0xE0 | codePoint >> 12))
        append(trailing(6))
        append(trailing(0))
      default:
        append(UInt8(truncatingIfNeeded: 0xF0 | codePoint >> 18))
        append(trailing(12))
        append(trailing(6))
        append(trailing(0))
      }
    }
  }
}
