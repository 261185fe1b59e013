#if Server
extension OpenAPIRoute.Response {
  /// A success whose example a writer made, so that it can't differ from what is sent.
  static func json(_ schema: String, _ description: String, _ body: [UInt8]) -> Self {
    Self(
      status: 200, description: description,
      content: .json(schema: schema, example: String(decoding: body, as: UTF8.self)))
  }

  static func failure(_ error: ServerError, _ description: String, isOpenAI: Bool = false) -> Self {
    let body = isOpenAI ? ResponseWriter.openAIError(error) : ResponseWriter.error(error)
    return Self(
      status: error.status, description: description,
      content: .json(
        schema: isOpenAI ? "OpenAIError" : "Error", example: String(decoding: body, as: UTF8.self)))
  }

  static func empty(_ description: String) -> Self {
    Self(status: 200, description: description, content: .none)
  }

  static func text(_ mediaType: String, _ description: String) -> Self {
    Self(status: 200, description: description, content: .text(mediaType: mediaType))
  }

  /// What any route with a body may answer instead.
  static func refusals(_ info: ServerInfo, isOpenAI: Bool = false) -> [Self] {
    let maximum = info.maxClientBatchSize
    let syntax = ServerError(
      .validation,
      "Failed to parse the request body as JSON: the body ends too early"
        + " at line 1 column 12", status: 400)
    return [
      failure(syntax, "The body is not JSON, is damaged, or an input is empty", isOpenAI: isOpenAI),
      failure(.payloadTooLarge, "The body is larger than the server takes", isOpenAI: isOpenAI),
      failure(
        .unsupportedMediaType,
        "The body is not declared as JSON, or is compressed in another way than gzip or deflate",
        isOpenAI: isOpenAI),
      failure(
        .batchTooLarge(min(maximum, .max - 1) + 1, maximum: maximum),
        "The body does not have the route's form, or exceeds a limit", isOpenAI: isOpenAI),
    ]
  }

  /// What any route of the model may answer instead.
  static func modelRefusals(_ wrongModel: ServerError, isOpenAI: Bool = false) -> [Self] {
    [
      failure(wrongModel, "The model is not of this kind, or failed", isOpenAI: isOpenAI),
      failure(
        .overloaded, "Too many inputs wait already, or this one waited too long",
        isOpenAI: isOpenAI),
      failure(.unhealthy, "The model is not loaded yet, or the server stops", isOpenAI: isOpenAI),
    ]
  }
}
#endif
