#if Server
import HTTPTypes
import Hummingbird
import Tracing

/// Makes a request part of the trace that its `traceparent` names.
///
/// With a tracer in the process, each request gets a span. Without one, the ids are only passed on
/// to log lines, and a request without the header costs nothing.
struct RequestTrace: Sendable {
  private let spans: TracingMiddleware<ServerContext>?
  private static let header = HTTPField.Name("traceparent")

  init() {
    spans = InstrumentationSystem.tracer is NoOpTracer ? nil : TracingMiddleware()
  }

  func follow(
    _ request: Request, _ context: ServerContext,
    _ next: (Request, ServerContext) async throws -> Response
  ) async throws -> Response {
    if let spans { return try await spans.handle(request, context: context, next: next) }
    guard let header = Self.header, request.headers[header] != nil else {
      return try await next(request, context)
    }
    var trace = ServiceContext.current ?? .topLevel
    InstrumentationSystem.instrument.extract(request.headers, into: &trace, using: Fields())
    return try await ServiceContext.$current.withValue(trace) {
      try await next(request, context)
    }
  }

  private struct Fields: Extractor {
    func extract(key: String, from headers: HTTPFields) -> String? {
      HTTPField.Name(key).flatMap { headers[$0] }
    }
  }
}
#endif
