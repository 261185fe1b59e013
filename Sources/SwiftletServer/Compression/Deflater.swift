#if Server
/// Compresses bytes to the gzip format (RFC 1952) with deflate (RFC 1951), about as well and as fast
/// as gzip's level 1.
enum Deflater {
  /// Maximum number of bytes of a block, which has codes of its own.
  private static let blockSize = 65_535

  /// The whole gzip file of some bytes.
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    // No name, no time; the system is unknown.
    var output = BitWriter(bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
    var finder = MatchFinder(count: bytes.count)
    var block = DeflateBlock()
    bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      repeat {
        let end = min(start + blockSize, bytes.count)
        block.tokens.removeAll(keepingCapacity: true)
        finder.tokens(of: bytes, start..<end, into: &block.tokens)
        block.write(
          bytes: UnsafeBufferPointer(rebasing: bytes[start..<end]), isLast: end == bytes.count,
          to: &output)
        start = end
      } while start < bytes.count
    }
    output.align()
    for sum in [Checksum.crc32(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
      withUnsafeBytes(of: sum.littleEndian) { output.append($0) }
    }
    return output.bytes
  }
}
#endif
