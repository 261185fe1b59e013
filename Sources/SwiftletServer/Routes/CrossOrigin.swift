#if Server
import HTTPTypes
import Hummingbird

/// Which pages a browser lets talk to the server: Cross-Origin Resource Sharing, as the Fetch
/// standard has it.
struct CrossOrigin: Sendable {
  /// Empty: any.
  private let origins: [String]

  init(origins: [String]) { self.origins = origins.contains("*") ? [] : origins }

  /// The answer to a browser that asks beforehand; nil for any other request.
  func preflight(_ request: Request) -> Response? {
    guard request.method == .options, request.headers[.origin] != nil,
      request.headers[.accessControlRequestMethod] != nil
    else { return nil }
    var response = Response(status: .ok)
    response.headers[.accessControlAllowMethods] = "GET, POST"
    response.headers[.accessControlAllowHeaders] = "content-type, authorization"
    response.headers[.accessControlMaxAge] = "600"
    allow(request, &response)
    return response
  }

  /// Tells the browser whether the page may see a response.
  func allow(_ request: Request, _ response: inout Response) {
    if origins.isEmpty {
      guard request.headers[.origin] != nil else { return }
      response.headers[.accessControlAllowOrigin] = "*"
      return
    }
    response.headers[.vary] = "Origin"
    guard let origin = request.headers[.origin], origins.contains(origin) else { return }
    response.headers[.accessControlAllowOrigin] = origin
  }
}
#endif
