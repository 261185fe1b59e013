import Glibc
import SwiftletSystem

/// Reads a file's text in UTF-8, in order, through one buffer of fixed size.
///
/// Compressed files are decompressed; other encodings are converted.
final class ByteSource {
  /// The encoding of the file; final after the first ``fill()``.
  private(set) var encoding = TextEncoding.utf8

  private let input: RawInput
  private let given: TextEncoding?
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private var unread: Range<Int> = 0..<0
  private var hasBegun = false
  /// Stored, because reading a terminal again would wait for more input.
  private(set) var isAtEnd = false
  /// The bytes before their conversion; nil for UTF-8.
  private var conversion: Conversion?

  static let bufferSize = 64 * 1024
  /// Milliseconds that ``lookAhead()`` waits for more input after a whole line of a pipe.
  private static let pauseTimeout: Int32 = 100

  /// Opens `path`, or standard input for `-`. Without an encoding the file is UTF-8, or UTF-16 with a
  /// byte order mark.
  init(path: String, encoding: TextEncoding? = nil) throws(RecordError) {
    input = try RawInput(path: path)
    given = encoding
    buffer = .allocate(capacity: Self.bufferSize)
  }

  deinit { buffer.deallocate() }

  /// The file's name in messages.
  var name: String { input.name }

  /// The number of bytes from the start of reading to the end of the file, which may be compressed;
  /// nil for a pipe or a terminal.
  var totalBytes: Int? { input.totalBytes }

  /// The number of bytes of the file consumed so far.
  var bytesRead: Int {
    if input.isDecompressed { return input.bytesRead }
    return conversion?.bytesRead(unread: unread.count) ?? input.bytesRead - unread.count
  }

  /// The buffered bytes, valid until the next ``fill()``.
  var window: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer[unread]) }

  func consume(_ count: Int) {
    unread = (unread.lowerBound + min(count, unread.count))..<unread.upperBound
  }

  /// Reads if the window is empty; returns false at the end of the file. The first call skips a
  /// byte order mark.
  ///
  /// - Throws: In the first call also if the file is not text.
  func fill() throws(RecordError) -> Bool {
    guard unread.isEmpty else { return true }
    if !hasBegun {
      hasBegun = true
      try begin()
      guard unread.isEmpty else { return true }
    }
    unread = 0..<0
    return try receive()
  }

  /// Fills the buffer after the unread bytes and returns all of them, for decisions that need more
  /// than the next byte.
  ///
  /// Stops when a pipe pauses after a whole line, so that line-by-line input is answered line by
  /// line.
  func lookAhead() throws(RecordError) -> UnsafeBufferPointer<UInt8> {
    guard try fill() else { return window }
    let kept = unread.count
    if unread.lowerBound > 0, let base = buffer.baseAddress {
      memmove(base, base + unread.lowerBound, kept)
      unread = 0..<kept
    }
    while unread.count < buffer.count, totalBytes != nil || !hasPaused() {
      guard try receive() else { break }
    }
    return window
  }

  /// Returns whether the buffer holds a whole line and no input arrives within the timeout.
  private func hasPaused() -> Bool {
    guard window.firstIndex(ofByte: UInt8(ascii: "\n")) != nil else { return false }
    return !input.isReady(within: Self.pauseTimeout)
  }

  /// Appends to the window; returns false at the end of the file, or if the buffer is full.
  private func receive() throws(RecordError) -> Bool {
    guard !isAtEnd else { return false }
    let free = UnsafeMutableBufferPointer(rebasing: buffer[unread.upperBound...])
    let count: Int
    if conversion != nil {
      guard free.count >= Transcoder.maxCharacterBytes else { return false }
      count = try conversion?.read(from: input, into: free) ?? 0
    } else {
      count = try input.read(into: free)
    }
    isAtEnd = count == 0
    unread = unread.lowerBound..<(unread.upperBound + count)
    return count > 0
  }

  // MARK: The beginning

  /// Determines compression and encoding; throws for other formats.
  private func begin() throws(RecordError) {
    try receiveBeginning()
    if let compression = Compression(signatureOf: window) {
      try input.decompress(compression, window)
      (unread, isAtEnd) = (0..<0, false)
      try receiveBeginning()
      if let inner = Compression(signatureOf: window) {
        throw .compressedTwice(file: name, compression, inner)
      }
    }
    if let format = ForeignFormat(signatureOf: window) { throw .foreignFormat(file: name, format) }
    try determineEncoding()
    guard let transcoder = Transcoder(encoding) else { return }
    conversion = Conversion(
      transcoder, Array(window), bytesBefore: unread.lowerBound, isAtEnd: isAtEnd)
    (unread, isAtEnd) = (0..<0, false)
  }

  /// Reads until the window shows what the file is. A pipe may deliver single bytes.
  private func receiveBeginning() throws(RecordError) {
    repeat {
      guard try receive() else { return }
    } while TextEncoding.mayBeginMark(window) || Compression.mayBegin(window)
      || ForeignFormat.mayBegin(window)
  }

  /// Determines the encoding from the caller's choice and the byte order mark, and skips the mark.
  private func determineEncoding() throws(RecordError) {
    let guess = EncodingGuess(beginningOf: window)
    if case .utf32 = guess, let guess { throw .foreignEncoding(file: name, guess) }
    if let (found, count) = TextEncoding.mark(of: window) {
      guard given == nil || given == found || given == .utf16 && found != .utf8 else {
        throw .encodingMismatch(file: name, given ?? found, .mark(found))
      }
      encoding = found
      consume(count)
    } else {
      encoding = given ?? .utf8
      if case .utf16(let found) = guess, encoding != found,
        given != .utf16 || found != .utf16LittleEndian
      {
        guard let given else { throw .foreignEncoding(file: name, .utf16(found)) }
        throw .encodingMismatch(file: name, given, .zeros(found))
      }
      if [.utf16, .utf16LittleEndian, .utf16BigEndian].contains(encoding), isMostlyASCII {
        throw .encodingMismatch(file: name, encoding, .ascii)
      }
    }
  }

  /// Whether the window looks like ASCII characters of one byte each.
  private var isMostlyASCII: Bool {
    let sample = window.prefix(4096)
    return sample.count > 1 && !sample.contains(0)
      && sample.count { $0 < 0x80 } * 10 >= sample.count * 9
  }
}

/// The bytes of a file that wait for their conversion.
private struct Conversion {
  private let transcoder: Transcoder
  private var bytes: [UInt8]
  private var count: Int
  /// Whether the input has ended.
  private var isAtEnd: Bool
  // The bytes converted so far, and what they became.
  private var read: Int
  private var written = 0

  /// Takes over the bytes that have been read after `bytesBefore` others.
  init(_ transcoder: Transcoder, _ bytes: [UInt8], bytesBefore: Int, isAtEnd: Bool) {
    self.isAtEnd = isAtEnd
    self.transcoder = transcoder
    self.bytes = bytes + Array(repeating: 0, count: max(0, ByteSource.bufferSize - bytes.count))
    count = bytes.count
    read = bytesBefore
  }

  /// Returns the number of bytes of the file behind all converted bytes except the last `unread`.
  func bytesRead(unread: Int) -> Int {
    guard written > 0 else { return read }
    return read - Int(Double(read) / Double(written) * Double(unread))
  }

  /// Converts bytes of `input` to at least one byte of `output`; returns 0 at the end.
  mutating func read(
    from input: RawInput, into output: UnsafeMutableBufferPointer<UInt8>
  ) throws(RecordError) -> Int {
    while true {
      let (read, written) = bytes.withUnsafeBufferPointer { bytes in
        transcoder.convert(
          UnsafeBufferPointer(rebasing: bytes[..<count]), into: output, isAtEnd: isAtEnd)
      }
      bytes.withUnsafeMutableBytes { bytes in
        guard read > 0, let base = bytes.baseAddress else { return }
        memmove(base, base + read, count - read)
      }
      count -= read
      self.read += read
      self.written += written
      guard written == 0, !isAtEnd else { return written }
      let start = count
      let more = try bytes.withUnsafeMutableBufferPointer { (bytes) throws(RecordError) in
        try input.read(into: UnsafeMutableBufferPointer(rebasing: bytes[start...]))
      }
      isAtEnd = more == 0
      count += more
    }
  }
}
