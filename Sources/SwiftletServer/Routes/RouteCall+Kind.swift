#if Server
extension RouteCall {
  /// Refuses a route that the model does not support.
  func require(_ kinds: ServedModel.Kind..., otherwise error: ServerError) throws(ServerError) {
    guard kinds.contains(serving.model.kind) else { throw error }
  }

  /// Refuses an empty list.
  func requireNonEmpty(_ count: Int, of field: String) throws(ServerError) {
    guard count > 0 else { throw .empty(field) }
  }
}
#endif
