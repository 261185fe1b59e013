#if Server
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import Synchronization
import Testing

@testable import SwiftletServer

@Suite struct ConnectionHandlerTests {
  private final class Departures: Sendable {
    let count = Atomic(0)
  }

  private let connections = ClientConnections()
  private let log = RequestLog(logger: silentLogger)
  private let channel = EmbeddedChannel()

  /// A channel of tests has no halves to close.
  private final class HalfClosing: ChannelOutboundHandler {
    typealias OutboundIn = HTTPResponsePart

    func close(
      context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
    ) {
      if mode == .output { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
    }
  }

  /// Holds written parts until `send` is called.
  private final class Sender: ChannelOutboundHandler {
    typealias OutboundIn = HTTPResponsePart
    private var waiting: [EventLoopPromise<Void>] = []
    var isHolding = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
      guard isHolding, let promise else { return context.write(data, promise: promise) }
      waiting.append(promise)
    }

    func send(_ count: Int = .max) {
      for promise in waiting.prefix(count) { promise.succeed() }
      waiting.removeFirst(min(count, waiting.count))
    }
  }

  private let sender = Sender()

  init() throws {
    try channel.pipeline.syncOperations.addHandler(sender)
    try channel.pipeline.syncOperations.addHandler(HalfClosing())
    let shared = ConnectionHandlers.Shared(
      connections: connections, log: log, timeout: .seconds(30), payloadLimit: 100)
    try channel.pipeline.syncOperations.addHandlers(ConnectionHandlers.make(shared))
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  private func receive(_ parts: HTTPRequestPart...) throws {
    for part in parts { try channel.writeInbound(part) }
  }

  private func head(_ fields: HTTPFields = [:]) -> HTTPRequestPart {
    .head(
      HTTPRequest(
        method: .post, scheme: "http", authority: "a", path: "/embed", headerFields: fields))
  }

  private func watch() -> Departures {
    let departures = Departures()
    connections.client(of: channel).onDeparture {
      departures.count.wrappingAdd(1, ordering: .relaxed)
    }
    return departures
  }

  /// Answers a parser error as Hummingbird does: 400 without a body.
  private func answerParserError() throws -> [HTTPResponsePart] {
    #expect(throws: HTTPParserError.unknown) { try channel.throwIfErrorCaught() }
    let fields: HTTPFields = [.connection: "close", .contentLength: "0"]
    channel.write(
      HTTPResponsePart.head(HTTPResponse(status: .badRequest, headerFields: fields)), promise: nil)
    channel.writeAndFlush(HTTPResponsePart.end(nil), promise: nil)
    return try sent()
  }

  private func sent() throws -> [HTTPResponsePart] {
    var parts: [HTTPResponsePart] = []
    while let part = try channel.readOutbound(as: HTTPResponsePart.self) { parts.append(part) }
    return parts
  }

  /// The status and the text of a whole answer.
  private func answer(_ parts: [HTTPResponsePart]) throws -> (status: Int, text: String) {
    guard parts.count == 3, case .head(let head) = parts[0], case .body(let body) = parts[1],
      case .end = parts[2]
    else {
      Issue.record("not one whole answer: \(parts)")
      return (0, "")
    }
    #expect(head.headerFields[.contentLength] == "\(body.readableBytes)")
    #expect(head.headerFields[.contentType] == "application/json")
    #expect(RequestID.header.flatMap { head.headerFields[$0] } != nil)
    return (head.status.code, String(buffer: body))
  }

  private func count(_ end: ConnectionEnd) -> Int {
    let name = "swiftlet_connections_ended_total{reason=\"\(end.rawValue)\"} "
    let line = log.metrics.page().split(separator: "\n").first { $0.hasPrefix(name) }
    return line.flatMap { Int($0.dropFirst(name.count)) } ?? 0
  }

  @Test func `a body that exceeds its time is 408, however slowly it comes`() throws {
    try receive(head())
    for _ in 0..<29 {
      channel.embeddedEventLoop.advanceTime(by: .seconds(1))
      try receive(.body(ByteBuffer(string: " ")))
    }
    #expect(throws: Never.self) { try channel.throwIfErrorCaught() }
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    let (status, text) = try answer(answerParserError())
    #expect(status == 408 && text.contains("body was not complete after 30 s"))
    #expect(count(.slowBody) == 1)
  }

  @Test func `a head that exceeds its time is 408`() throws {
    channel.pipeline.fireUserInboundEventTriggered(RequestHeadBegan())
    channel.embeddedEventLoop.advanceTime(by: .seconds(20))
    channel.pipeline.fireUserInboundEventTriggered(RequestHeadBegan())
    channel.embeddedEventLoop.advanceTime(by: .seconds(10))
    let (status, text) = try answer(answerParserError())
    #expect(status == 408 && text.contains("head was not complete after 30 s"))
    #expect(count(.slowHead) == 1)
  }

  @Test func `a head has no clock while the request before it is answered`() throws {
    try receive(head(), .end(nil))
    channel.pipeline.fireUserInboundEventTriggered(RequestHeadBegan())
    channel.embeddedEventLoop.advanceTime(by: .seconds(100))
    #expect(throws: Never.self) { try channel.throwIfErrorCaught() }
    channel.write(HTTPResponsePart.head(HTTPResponse(status: .ok)), promise: nil)
    channel.writeAndFlush(HTTPResponsePart.end(nil), promise: nil)
    channel.embeddedEventLoop.advanceTime(by: .seconds(30))
    #expect(count(.slowHead) == 1)
    _ = try sent()
    #expect(throws: HTTPParserError.unknown) { try channel.throwIfErrorCaught() }
  }

  @Test func `a missing body is 503 two seconds after the server stops`() throws {
    try receive(head())
    channel.embeddedEventLoop.advanceTime(by: .seconds(20))
    channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    try receive(.body(ByteBuffer(string: " ")))
    #expect(count(.stopping) == 0)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(try answer(answerParserError()).status == 503)
    #expect(count(.stopping) == 1)
  }

  @Test(arguments: [
    (HTTPParserError.headerOverflow, 431), (.invalidVersion, 505), (.paused, 505),
    (.invalidMethod, 400), (.invalidChunkSize, 400), (.unknown, 400), (.invalidEOFState, 400),
  ])
  func `a parser error has one answer with the reason`(error: HTTPParserError, status: Int) throws {
    channel.pipeline.fireErrorCaught(error)
    channel.pipeline.fireErrorCaught(HTTPParserError.invalidMethod)
    let (found, text) = try answer(answerParserError())
    #expect(found == status && text.hasPrefix(#"{"error":""#) && text.contains("Validation"))
    #expect(throws: Never.self) { try channel.throwIfErrorCaught() }
  }

  @Test func `a malformed body after the answer gets no second answer`() throws {
    try receive(head(), .body(ByteBuffer(string: "{")))
    channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
    #expect(throws: HTTPParserError.unknown) { try channel.throwIfErrorCaught() }
    let refused = HTTPResponse(status: .notFound)
    for status in [refused, HTTPResponse(status: .badRequest, headerFields: [.contentLength: "0"])]
    {
      channel.write(HTTPResponsePart.head(status), promise: nil)
      channel.writeAndFlush(HTTPResponsePart.end(nil), promise: nil)
    }
    #expect(try sent() == [.head(refused), .end(nil)])
  }

  @Test func `a connection error is passed on`() throws {
    channel.pipeline.fireErrorCaught(ChannelError.ioOnClosedChannel)
    #expect(throws: ChannelError.ioOnClosedChannel) { try channel.throwIfErrorCaught() }
  }

  @Test func `a complete request has no time limit`() throws {
    try receive(head(), .body(ByteBuffer(string: " ")))
    channel.embeddedEventLoop.advanceTime(by: .seconds(20))
    try receive(.end(nil))
    channel.embeddedEventLoop.advanceTime(by: .seconds(3600))
    #expect(channel.isActive)
    try receive(head())
    channel.embeddedEventLoop.advanceTime(by: .seconds(29))
    #expect(channel.isActive)
  }

  @Test func `a half-closed or closed connection is reported once`() async throws {
    let departures = watch()
    channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    #expect(departures.count.load(ordering: .relaxed) == 1)
    // A later watcher is called at once.
    #expect(watch().count.load(ordering: .relaxed) == 1)
    channel.pipeline.fireChannelInactive()
    #expect(departures.count.load(ordering: .relaxed) == 1)
  }

  @Test func `a request that has ended hears of no departure`() throws {
    let departures = watch()
    connections.client(of: channel).onDeparture(nil)
    channel.pipeline.fireChannelInactive()
    #expect(departures.count.load(ordering: .relaxed) == 0)
  }

  @Test func `after the last answer the client has seconds to close and is ignored`() throws {
    try receive(head())
    channel.close(mode: .output, promise: nil)
    try receive(.body(ByteBuffer(string: " ")), .end(nil), head())
    #expect(try channel.readInbound(as: HTTPRequestPart.self) == head())
    #expect(try channel.readInbound(as: HTTPRequestPart.self) == nil)
    channel.pipeline.fireErrorCaught(ServerError.departed)
    #expect(throws: Never.self) { try channel.throwIfErrorCaught() }
    channel.embeddedEventLoop.advanceTime(by: .seconds(4))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }

  /// An answer of two pieces, which the system does not take yet.
  private func answerSlowly() throws {
    try receive(head(), .end(nil))
    sender.isHolding = true
    for part in [
      HTTPResponsePart.head(HTTPResponse(status: .ok)), .body(ByteBuffer(string: "{}")), .end(nil),
    ] {
      channel.write(part, promise: nil)
    }
    channel.flush()
  }

  @Test(arguments: [CloseMode.all, .output])
  func `an answer is sent before its connection closes`(mode: CloseMode) throws {
    try answerSlowly()
    channel.close(mode: mode, promise: nil)
    sender.send(1)
    channel.embeddedEventLoop.advanceTime(by: .seconds(20))
    #expect(channel.isActive)
    try receive(head())
    sender.send()
    channel.embeddedEventLoop.run()
    #expect(channel.isActive, "the client has some seconds to read it")
    channel.embeddedEventLoop.advanceTime(by: .seconds(5))
    #expect(!channel.isActive)
  }

  @Test func `a server that ends closes its connections at once`() throws {
    try answerSlowly()
    channel.close(promise: nil)
    #expect(channel.isActive)
    connections.end()
    channel.close(promise: nil)
    #expect(!channel.isActive)
    sender.send()
  }

  @Test func `a client that reads nothing for some time loses its answer`() throws {
    try answerSlowly()
    channel.embeddedEventLoop.advanceTime(by: .seconds(29))
    sender.send(1)
    // The time begins with each piece that was taken.
    channel.embeddedEventLoop.advanceTime(by: .seconds(29))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
    #expect(count(.slowReader) == 1)
    sender.send()
  }

  @Test func `a client that reads slowly and steadily has a time limit`() throws {
    try answerSlowly()
    for _ in 0..<21 {
      sender.send(1)
      channel.write(HTTPResponsePart.body(ByteBuffer(string: ",")), promise: nil)
      #expect(channel.isActive)
      channel.embeddedEventLoop.advanceTime(by: .seconds(29))
    }
    #expect(!channel.isActive)
    sender.send()
  }

  @Test func `a body has no clock while the request before it is answered`() throws {
    try receive(head(), .end(nil), head(), .body(ByteBuffer(string: "{")))
    channel.embeddedEventLoop.advanceTime(by: .seconds(100))
    #expect(channel.isActive)
    channel.write(HTTPResponsePart.head(HTTPResponse(status: .ok)), promise: nil)
    channel.writeAndFlush(HTTPResponsePart.end(nil), promise: nil)
    channel.embeddedEventLoop.advanceTime(by: .seconds(30))
    #expect(count(.slowBody) == 1)
    #expect(throws: HTTPParserError.unknown) { try channel.throwIfErrorCaught() }
  }

  @Test func `each connection has a number of its own`() {
    let other = EmbeddedChannel()
    let client = connections.client(of: channel)
    #expect(connections.client(of: channel) === client)
    #expect(connections.add(other).id != client.id)
    connections.remove(other)
    #expect(connections.client(of: other) !== client)
  }

  @Test func `100 Continue waits for the previous answer`() throws {
    try receive(head(), .end(nil), head([.expect: "100-continue", .contentLength: "2"]))
    let ok = HTTPResponsePart.head(HTTPResponse(status: .ok))
    let body = HTTPResponsePart.body(ByteBuffer(string: "{}"))
    for part in [ok, body, .end(nil)] { channel.write(part, promise: nil) }
    channel.flush()
    var parts: [HTTPResponsePart] = []
    while let part = try channel.readOutbound(as: HTTPResponsePart.self) { parts.append(part) }
    #expect(parts == [ok, body, .end(nil), .head(HTTPResponse(status: .continue))])
  }

  @Test func `100 Continue is sent unless the body is too long`() throws {
    try receive(head([.expect: "100-continue", .contentLength: "100"]))
    let part = try channel.readOutbound(as: HTTPResponsePart.self)
    #expect(part == .head(HTTPResponse(status: .continue)))
    try receive(.end(nil), head([.expect: "100-continue", .contentLength: "101"]))
    #expect(try channel.readOutbound(as: HTTPResponsePart.self) == nil)
  }
}
#endif
