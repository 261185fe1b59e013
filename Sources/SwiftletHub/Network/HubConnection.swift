#if Hub
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOSSL
import Synchronization

/// Requests to the Hub, and to the hosts that it redirects to.
final class HubConnection: Sendable {
  let settings: HubSettings
  let report: @Sendable (HubEvent) -> Void
  private let clients: [ProxySettings.Proxy?: HTTPClient]
  /// Topics of the Hub's notices that were reported.
  private let noticed = Mutex<Set<String>>([])

  private static let maxRedirects = 20
  /// The largest body of an error that is read.
  private static let maxErrorBytes = 1 << 16

  private init(
    _ settings: HubSettings, _ report: @escaping @Sendable (HubEvent) -> Void
  ) {
    self.settings = settings
    self.report = report
    let proxies = [nil, settings.proxies.http, settings.proxies.https]
    clients = Dictionary(
      Set(proxies).map { proxy in
        (
          proxy,
          HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: Self.configuration(settings, proxy))
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Runs `body` with connections that are closed at its end.
  static func open<Result: Sendable>(
    _ settings: HubSettings, reporting report: @escaping @Sendable (HubEvent) -> Void,
    _ body: (HubConnection) async throws(HubError) -> Result
  ) async throws(HubError) -> Result {
    let connection = HubConnection(settings, report)
    let outcome: Swift.Result<Result, HubError>
    do throws(HubError) {
      outcome = .success(try await body(connection))
    } catch {
      outcome = .failure(error)
    }
    for client in connection.clients.values { try? await client.shutdown() }
    return try outcome.get()
  }

  private static func configuration(
    _ settings: HubSettings, _ proxy: ProxySettings.Proxy?
  ) -> HTTPClient.Configuration {
    var tls = TLSConfiguration.makeClientConfiguration()
    if let file = settings.certificates { tls.trustRoots = .file(file) }
    let seconds = Int64(settings.downloadTimeout)
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: .init(connect: .seconds(seconds), read: .seconds(seconds)),
      // Bodies are bounded by the sizes of files.
      decompression: .enabled(limit: .none))
    // A refused connection is reported at once; `retrying` repeats the request.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.proxy = proxy.map { proxy in
      let account: HTTPClient.Authorization? =
        proxy.user.isEmpty ? nil : .basic(username: proxy.user, password: proxy.password)
      return .server(host: proxy.host, port: proxy.port, authorization: account)
    }
    return configuration
  }

  // MARK: Requests

  /// The response to a request after redirects.
  ///
  /// - Parameters:
  ///   - method: GET or HEAD.
  ///   - url: The first address.
  ///   - offset: The first byte that is asked for.
  ///   - staysOnHub: Whether a redirect to another host is returned instead of followed.
  ///   - seconds: The time limit of each request; nil limits only its pauses.
  /// - Returns: The first response that is not a redirect.
  /// - Throws: ``HubError/unreachable(address:reason:)``, ``HubError/cancelled``.
  func response(
    _ method: HTTPMethod, _ url: HubURL, from offset: Int = 0, staysOnHub: Bool = false,
    within seconds: Int? = nil
  ) async throws(HubError) -> HubResponse {
    var url = url
    for _ in 0...Self.maxRedirects {
      let response = try await send(method, url, from: offset, within: seconds)
      note(response)
      guard let next = response.redirect, !staysOnHub || settings.trusts(next) else {
        return response
      }
      await discard(response)
      url = next
    }
    throw .invalidResponse(address: url.page, reason: "more than \(Self.maxRedirects) redirects")
  }

  private func client(for url: HubURL) -> HTTPClient? {
    clients[settings.proxies.proxy(for: url)]
  }

  private func send(
    _ method: HTTPMethod, _ url: HubURL, from offset: Int, within seconds: Int?
  ) async throws(HubError) -> HubResponse {
    guard !Task.isCancelled, let client = client(for: url) else { throw .cancelled }
    var request = HTTPClientRequest(url: url.description)
    request.method = method
    request.headers.add(name: "User-Agent", value: settings.userAgent)
    request.headers.add(name: "Accept-Encoding", value: "identity")
    request.headers.add(name: "X-Amzn-Trace-Id", value: Self.randomID())
    if offset > 0 { request.headers.add(name: "Range", value: "bytes=\(offset)-") }
    if let token = settings.token, settings.trusts(url) {
      request.headers.add(name: "Authorization", value: "Bearer \(token.text)")
    }
    do {
      let deadline = seconds.map { NIODeadline.now() + .seconds(Int64($0)) } ?? .distantFuture
      return HubResponse(try await client.execute(request, deadline: deadline), from: url)
    } catch {
      throw NetworkFailure(error).problem(at: url, settings)
    }
  }

  private static func randomID() -> String {
    (0..<2).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 16) }.joined(separator: "-")
  }

  /// Reports the messages of `X-HF-Warning: topic; message`, each topic once.
  private func note(_ response: HubResponse) {
    guard settings.trusts(response.url) else { return }
    for field in response.values("x-hf-warning") {
      let parts = field.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
      let topic = parts.count == 2 ? String(parts[0]).trimmingWhiteSpace : ""
      let message = String(parts.last ?? "").trimmingWhiteSpace
      let isNew = noticed.withLock { $0.insert(topic).inserted }
      if isNew, !message.isEmpty { report(.notice(String(message.prefix(300)))) }
    }
  }

  // MARK: Bodies

  /// Calls `use` with the pieces of a body as they arrive.
  func receive(
    _ response: HubResponse, _ use: (UnsafeRawBufferPointer) throws(HubError) -> Void
  ) async throws(HubError) {
    var pieces = response.body.makeAsyncIterator()
    while true {
      let piece: ByteBuffer?
      do {
        piece = try await pieces.next()
      } catch {
        throw NetworkFailure(error).problem(at: response.url, settings)
      }
      guard let piece else { return }
      var problem: HubError?
      piece.withUnsafeReadableBytes { bytes in
        do throws(HubError) { try use(bytes) } catch { problem = error }
      }
      if let problem { throw problem }
    }
  }

  /// Returns a body of at most `limit` bytes.
  func body(of response: HubResponse, limit: Int) async throws(HubError) -> [UInt8] {
    var bytes: [UInt8] = []
    try await receive(response) { (piece) throws(HubError) in
      guard bytes.count + piece.count <= limit else {
        throw .invalidResponse(
          address: response.url.page, reason: "its answer is larger than \(limit) bytes")
      }
      bytes += piece
    }
    return bytes
  }

  /// Reads a short body to its end, so that the connection can be used again.
  private func discard(_ response: HubResponse) async {
    _ = try? await body(of: response, limit: Self.maxErrorBytes)
  }

  /// Throws the problem of a response with a status from 400.
  func check(_ response: HubResponse, about subject: HubResponse.Subject) async throws(HubError) {
    guard response.status >= 400 else { return }
    let bytes = try? await body(of: response, limit: Self.maxErrorBytes)
    throw response.problem(about: subject, text: String(decoding: bytes ?? [], as: UTF8.self))
  }
}
#endif
