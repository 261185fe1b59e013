#if Server
/// The trace that a request belongs to: the header `traceparent` of W3C Trace Context, level 1.
struct TraceContext: Equatable, Sendable {
  /// 32 hexadecimal digits, not all 0.
  let traceID: String
  /// The caller's span: 16 hexadecimal digits, not all 0.
  let parentID: String
  let isSampled: Bool

  /// Returns nil unless `header` is `version-traceid-parentid-flags` in lower case. Version `ff` is
  /// invalid; in versions above 00, bytes behind the flags are ignored (sections 3.2.2 and 4.3).
  init?(header: String) {
    let bytes = Array(header.utf8)
    guard bytes.count >= 55, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash
    else { return nil }
    let version = bytes[0..<2]
    let trace = bytes[3..<35]
    let parent = bytes[36..<52]
    let flags = bytes[53..<55]
    guard [version, trace, parent, flags].allSatisfy({ $0.allSatisfy(Self.isDigit) }),
      !version.elementsEqual("ff".utf8),
      trace.contains(where: { $0 != Self.zero }), parent.contains(where: { $0 != Self.zero })
    else { return nil }
    let isFirstVersion = version.elementsEqual("00".utf8)
    guard bytes.count == 55 || (!isFirstVersion && bytes[55] == Self.dash) else { return nil }
    traceID = String(decoding: trace, as: UTF8.self)
    parentID = String(decoding: parent, as: UTF8.self)
    // The last digit holds the lowest four flags, of which the first is "sampled".
    isSampled = (Self.value(bytes[54]) & 1) == 1
  }

  /// The header to send on.
  var header: String { "00-\(traceID)-\(parentID)-0\(isSampled ? 1 : 0)" }

  private static let dash = UInt8(ascii: "-")
  private static let zero = UInt8(ascii: "0")

  private static func isDigit(_ byte: UInt8) -> Bool {
    (zero...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }

  private static func value(_ digit: UInt8) -> UInt8 {
    digit < UInt8(ascii: "a") ? digit - zero : digit - UInt8(ascii: "a") + 10
  }
}
#endif
