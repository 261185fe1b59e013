#if Server
extension ServerError {
  /// The server is loading its model.
  static let loading = ServerError(.unhealthy, "the model is being loaded; try again soon")
  /// The server could not end the request before it stopped.
  static let stopping = ServerError(.unhealthy, "the server is stopping; send it to another")
  /// The client has closed the connection, so the error reaches only the log. 499 is nginx's
  /// status.
  static let departed: ServerError = {
    var error = ServerError(.overloaded, "the client closed the connection", status: 499)
    error.failure = .dropped
    return error
  }()
}
#endif
