#if Server
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Logs requests and connections, and counts why connections end.
struct RequestLog: Sendable {
  /// Maximum length of a path in a line, in bytes.
  private static let maxPathLength = 256

  let logger: Logger
  let sampler = LogSampler()
  let metrics = ConnectionMetrics()

  /// Logs a request: refusals at `info`, failures at `warning`, all others at `debug`, including
  /// health probes that get 503 while the model loads.
  func answered(
    _ request: Request, _ response: Response, id: String, after duration: Duration,
    _ context: ServerContext
  ) {
    let code = response.status.code
    let isProbe = code == 503 && Route.isProbe(request.uri.path)
    let level: Logger.Level =
      code < 400 || isProbe ? .debug : code < 500 ? .info : .warning
    let event =
      code < 400 ? "request answered" : code < 500 ? "request refused" : "request failed"
    var logger = context.logger
    // Replaced by `request_id`, which may be the client's.
    logger[metadataKey: "hb.request.id"] = nil
    write(
      level, event, status: code, logger,
      [
        "status": .stringConvertible(code), "method": "\(request.method.rawValue)",
        "path": "\(request.uri.path.bounded(to: Self.maxPathLength))",
        "duration_ms": .stringConvertible(duration.milliseconds), "request_id": "\(id)",
        "client": Self.name(context.remoteAddress),
      ])
  }

  /// Logs and counts a request that is refused before it reaches a route.
  func refused(
    _ refusal: ConnectionRefusal, _ head: HTTPRequest?, id: String, _ channel: any Channel
  ) {
    metrics.count(refusal.reason)
    var metadata: Logger.Metadata = [
      "status": .stringConvertible(refusal.error.status), "reason": "\(refusal.reason.rawValue)",
      "request_id": "\(id)", "client": Self.name(channel.remoteAddress),
    ]
    if let head {
      metadata["method"] = "\(head.method.rawValue)"
      let path = (head.path ?? "").prefix { $0 != "?" }
      metadata["path"] = "\(String(path).bounded(to: Self.maxPathLength))"
    }
    write(.info, "request refused", status: refusal.error.status, logger, metadata)
  }

  /// Logs that the system refused memory for a request.
  func refusedMemory(_ cause: String) {
    write(.warning, "no memory for a request", status: 503, logger, ["reason": "\(cause)"])
  }

  /// Logs and counts a connection that is closed in the middle of a response.
  func cutOff(_ reason: ConnectionEnd, _ channel: any Channel) {
    metrics.count(reason)
    write(
      .info, "connection cut off", status: nil, logger,
      ["reason": "\(reason.rawValue)", "client": Self.name(channel.remoteAddress)])
  }

  /// Logs the number of lines that were left out since the last call.
  func reportLeftOut() {
    for (kind, count) in sampler.nextPeriod() {
      var metadata: Logger.Metadata = [
        "event": "\(kind.event)", "left_out": .stringConvertible(count),
      ]
      if let status = kind.status { metadata["status"] = .stringConvertible(status) }
      logger.info("more lines of a kind were left out", metadata: metadata)
    }
  }

  private func write(
    _ level: Logger.Level, _ event: String, status: Int?, _ logger: Logger,
    _ metadata: @autoclosure () -> Logger.Metadata
  ) {
    guard logger.logLevel <= level else { return }
    // `debug` logs every line.
    guard logger.logLevel <= .debug || sampler.admits(.init(event: event, status: status)) else {
      return
    }
    logger.log(level: level, "\(event)", metadata: metadata())
  }

  private static func name(_ address: SocketAddress?) -> Logger.MetadataValue {
    guard let address, let host = address.ipAddress, let port = address.port else { return "-" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

extension Duration {
  /// Milliseconds, to the microsecond.
  fileprivate var milliseconds: Double { (self / .microseconds(1)).rounded() / 1000 }
}
#endif
