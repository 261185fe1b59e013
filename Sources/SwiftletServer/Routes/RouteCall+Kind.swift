#if Server
extension RouteCall {
  /// Refuses a route that the model has no answers for.
  func require(_ kinds: ServedModel.Kind..., otherwise error: ServerError) throws(ServerError) {
    guard kinds.contains(serving.model.kind) else { throw counted(error, .modelType) }
  }

  /// Refuses a list without anything in it.
  func requireSome(_ count: Int, of field: String) throws(ServerError) {
    guard count > 0 else { throw counted(.empty(field), .validation) }
  }

  /// The same error, once the metrics know of it.
  func counted(_ error: ServerError, _ failure: RequestFailure) -> ServerError {
    serving.metrics.requestFailed(failure)
    return error
  }
}
#endif
