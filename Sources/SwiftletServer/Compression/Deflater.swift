#if Server
import CZlib

/// Compresses bytes to the gzip format (RFC 1952) with zlib.
enum Deflater {
  /// zlib's fastest level. Higher ones make JSON hardly shorter.
  private static let level: Int32 = 1
  /// The largest window, 2^15 bytes, and 16 for gzip's header and checksum.
  private static let windowBits: Int32 = 15 + 16

  /// Returns the whole gzip file of some bytes; nil if memory is refused or there are 2^32 bytes or more.
  static func gzip(_ bytes: [UInt8]) -> [UInt8]? {
    guard let count = UInt32(exactly: bytes.count) else { return nil }
    let stream = ZlibStream(end: deflateEnd) { fields in
      deflateInit2_(
        fields, level, Z_DEFLATED, windowBits, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        ZlibStream.size)
    }
    guard let stream else { return nil }
    let bound = deflateBound(stream.fields, UInt(count))
    guard let capacity = UInt32(exactly: bound) else { return nil }
    var status = Z_OK
    // zlib declares the input as mutable, and only reads it.
    let compressed = bytes.withUnsafeBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: Int(capacity)) { output, written in
        stream.fields.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.fields.pointee.avail_in = count
        stream.fields.pointee.next_out = output.baseAddress
        stream.fields.pointee.avail_out = capacity
        status = deflate(stream.fields, Z_FINISH)
        written = Int(capacity - stream.fields.pointee.avail_out)
      }
    }
    return status == Z_STREAM_END ? compressed : nil
  }
}
#endif
