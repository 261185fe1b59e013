#if Server
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// The last response on a connection, to a request that reaches no route, with its reason in
/// metrics and logs.
struct ConnectionRefusal: Error, Sendable {
  let error: ServerError
  let reason: ConnectionEnd

  private init(_ error: ServerError, _ reason: ConnectionEnd) {
    self.error = error
    self.reason = reason
  }

  static func malformed(_ problem: String, status: Int = 400) -> ConnectionRefusal {
    ConnectionRefusal(ServerError(.validation, problem, status: status), .malformed)
  }

  static func unsupported(_ problem: String, status: Int) -> ConnectionRefusal {
    ConnectionRefusal(
      ServerError(.validation, problem, status: status), .unsupported)
  }

  static func slow(_ part: String, seconds: Int64, _ reason: ConnectionEnd) -> ConnectionRefusal {
    ConnectionRefusal(
      ServerError(
        .validation, "the request's \(part) was not complete after \(seconds) s", status: 408),
      reason)
  }

  static let stopping = ConnectionRefusal(.stopping, .stopping)

  /// The refusal for an error of the HTTP parser; nil for an error of the connection, which has no
  /// client to answer any more.
  init?(_ error: any Error) {
    switch error {
    case let refusal as ConnectionRefusal: self = refusal
    case HTTPParserError.headerOverflow:
      self.init(
        ServerError(
          .validation,
          "the request's head or a part of it is too long: at most 80 KiB and 1000 fields",
          status: 431), .headTooLarge)
    case HTTPParserError.invalidVersion:
      self = .unsupported(
        "a request line ends with HTTP/1.1 or HTTP/1.0, carriage return and line feed",
        status: 505)
    // The parser's error for the first bytes of HTTP/2.
    case HTTPParserError.paused:
      self = .unsupported("this server speaks HTTP/1.1, not HTTP/2", status: 505)
    case HTTPParserError.unknown:
      self = .malformed("not HTTP/1.1: a line end or Transfer-Encoding is not valid")
    case HTTPParserError.invalidEOFState:
      self.init(
        ServerError(
          .validation, "the connection was closed before the request was complete", status: 400),
        .incomplete)
    case let error as HTTPParserError: self = .malformed("not HTTP/1.1: \(error)")
    case is HTTP1TypeConversionError:
      self = .malformed("the request's method or target is not one of HTTP/1.1")
    default: return nil
    }
  }
}
#endif
