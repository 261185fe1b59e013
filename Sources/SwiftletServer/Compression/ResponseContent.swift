#if Server
/// The body of a response, compressed if that pays and the client accepts it.
struct ResponseContent: Sendable {
  /// Bytes from which compression pays. Below, a response fits into the same packet anyway.
  static let minCompressed = 1024

  let bytes: [UInt8]
  let isCompressed: Bool
  /// Whether the body depends on `Accept-Encoding`, which caches must know.
  let varies: Bool

  /// - Parameters:
  ///   - bytes: The body.
  ///   - accepted: The codings that the client accepts; nil never compresses.
  init(_ bytes: [UInt8], accepting accepted: AcceptedCodings?) {
    let isLong = bytes.count >= Self.minCompressed
    let pays = accepted.map { $0.gzip && (isLong || !$0.identity) && !bytes.isEmpty } ?? false
    let compressed = pays ? Deflater.gzip(bytes) : nil
    isCompressed = compressed != nil
    varies = pays || accepted != nil && isLong
    self.bytes = compressed ?? bytes
  }
}
#endif
