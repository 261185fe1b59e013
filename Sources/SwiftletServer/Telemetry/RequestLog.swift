#if Server
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// What is logged about requests and connections, and counted about connections.
struct RequestLog: Sendable {
  /// Bytes of a path in a line.
  private static let maxPathLength = 256

  let logger: Logger
  let sampler = LogSampler()
  let metrics = ConnectionMetrics()

  /// One line for each request: refusals and failures from `info` on, all others at `debug`, and so are
  /// the probes that are answered 503 while the model loads.
  func answered(
    _ request: Request, _ response: Response, id: String, after duration: Duration,
    _ context: ServerContext
  ) {
    let code = response.status.code
    let isProbe = if case .health? = Route.table[request.uri.path]?.get { true } else { false }
    let level: Logger.Level =
      code < 400 || (isProbe && code == 503) ? .debug : code < 500 ? .info : .warning
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

  /// A request is refused for how it came, not for what it asks.
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

  /// The system refused memory for a request.
  func refusedMemory(_ cause: String) {
    write(.warning, "no memory for a request", status: 503, logger, ["reason": "\(cause)"])
  }

  /// A connection is closed in the middle of an answer.
  func cutOff(_ reason: ConnectionEnd, _ channel: any Channel) {
    metrics.count(reason)
    write(
      .info, "connection cut off", status: nil, logger,
      ["reason": "\(reason.rawValue)", "client": Self.name(channel.remoteAddress)])
  }

  /// Says how many lines were left out since the last call.
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
    // `debug` is for those who want every line.
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
