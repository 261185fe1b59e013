#if Server
import CZlib

/// Expands a body that was compressed with deflate (RFC 1951) as it arrives, up to a limit, with zlib.
struct Inflater {
  enum Failure: Error, Equatable {
    /// The bytes do not have the announced format.
    case malformed(String)
    /// The output would exceed the limit.
    case tooLong
    /// zlib's memory was refused.
    case memory
  }

  private let coding: ContentCoding
  private let limit: Int
  /// Nil before the first bytes, which decide how deflate data is wrapped.
  private var stream: ZlibStream?
  private var beginning: [UInt8] = []
  private var output: [UInt8] = []
  /// Whether the compressed data, or a member of a gzip file, ends with the bytes so far.
  private var isAtEnd = false

  /// Bytes by which the output grows.
  private static let step = 16 * 1024

  init(_ coding: ContentCoding, limit: Int) {
    self.coding = coding
    self.limit = limit
  }

  /// Number of bytes in the output.
  var count: Int { output.count }

  /// Expands the next piece.
  mutating func append(_ bytes: some Collection<UInt8>) throws(Failure) {
    var piece = beginning + bytes
    beginning = []
    if stream == nil {
      guard coding == .gzip || piece.count >= 2 else {
        beginning = piece
        return
      }
      stream = try Self.begin(windowBits: Self.windowBits(coding, beginning: piece))
    }
    guard let stream, !piece.isEmpty else { return }
    let failure = piece.withUnsafeMutableBufferPointer { piece -> Failure? in
      do throws(Failure) {
        try expand(piece, stream.fields)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// The whole output, after the last piece.
  ///
  /// - Throws: ``Failure/malformed(_:)`` if the compressed data does not end there.
  func finish() throws(Failure) -> [UInt8] {
    guard isAtEnd else { throw .malformed("the data ends too early") }
    return output
  }

  private mutating func expand(
    _ piece: UnsafeMutableBufferPointer<UInt8>, _ fields: UnsafeMutablePointer<z_stream>
  ) throws(Failure) {
    fields.pointee.next_in = piece.baseAddress
    fields.pointee.avail_in = UInt32(piece.count)
    var isOutputFull = true
    while fields.pointee.avail_in > 0 || isOutputFull {
      if isAtEnd {
        // Another member of a gzip file; the other formats end here.
        guard fields.pointee.avail_in > 0 else { return }
        guard coding == .gzip else { throw .malformed("something follows the compressed data") }
        _ = inflateReset(fields)
        isAtEnd = false
      }
      isOutputFull = try step(fields)
    }
  }

  /// Expands one step; returns whether it filled the room for its output.
  private mutating func step(_ fields: UnsafeMutablePointer<z_stream>) throws(Failure) -> Bool {
    // One byte more than the limit shows that the output is too long.
    let room = min(Self.step, limit - output.count + 1)
    var status = Z_OK
    let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, written in
      fields.pointee.next_out = buffer.baseAddress
      fields.pointee.avail_out = UInt32(room)
      status = inflate(fields, Z_NO_FLUSH)
      written = room - Int(fields.pointee.avail_out)
    }
    switch status {
    case Z_STREAM_END: isAtEnd = true
    case Z_OK, Z_BUF_ERROR: break
    case Z_NEED_DICT: throw .malformed("it needs a dictionary")
    case Z_MEM_ERROR: throw .memory
    default:
      let detail = fields.pointee.msg.map { ": " + String(cString: $0) } ?? ""
      throw .malformed("it is not \(coding.rawValue) data, or damaged\(detail)")
    }
    guard bytes.count <= limit - output.count else { throw .tooLong }
    output += bytes
    return bytes.count == room && !isAtEnd
  }

  private static func begin(windowBits: Int32) throws(Failure) -> ZlibStream {
    let stream = ZlibStream(end: inflateEnd) { fields in
      inflateInit2_(fields, windowBits, ZLIB_VERSION, ZlibStream.size)
    }
    guard let stream else { throw .memory }
    return stream
  }

  /// zlib's number for a format: 2^15 bytes of window, and 16 for gzip, or minus for raw deflate data.
  private static func windowBits(_ coding: ContentCoding, beginning: [UInt8]) -> Int32 {
    guard coding == .deflate else { return 15 + 16 }
    let (method, flags) = (Int(beginning[0]), Int(beginning[1]))
    let isWrapped = method & 15 == 8 && method >> 4 <= 7 && (method << 8 | flags) % 31 == 0
    return isWrapped ? 15 : -15
  }
}
#endif
