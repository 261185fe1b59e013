#if Server
/// Why a request's body is refused before anything is computed; the text says where in the body.
enum RequestError: Error, Equatable, Sendable {
  /// The body is not JSON: status 400.
  case syntax(String)
  /// It is JSON, but not what the route takes: status 422.
  case shape(String)

  var status: Int {
    switch self {
    case .syntax: 400
    case .shape: 422
    }
  }

  var message: String {
    switch self {
    case .syntax(let message), .shape(let message): message
    }
  }
}
#endif
