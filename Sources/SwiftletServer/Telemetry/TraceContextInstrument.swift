#if Server
import Logging
import Tracing

/// Copies `traceparent` from a request to the task's context, for log lines. It does not create
/// spans. A tracer does this itself.
struct TraceContextInstrument: Instrument {
  fileprivate enum Key: ServiceContextKey {
    typealias Value = TraceContext
    static let nameOverride: String? = "traceparent"
  }

  func extract<Carrier, Extract: Extractor>(
    _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
  ) where Extract.Carrier == Carrier {
    guard let header = extractor.extract(key: "traceparent", from: carrier) else { return }
    context.traceContext = TraceContext(header: header)
  }

  func inject<Carrier, Inject: Injector>(
    _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
  ) where Inject.Carrier == Carrier {
    guard let trace = context.traceContext else { return }
    injector.inject(trace.header, forKey: "traceparent", into: &carrier)
  }

  /// The ids of the task's trace, for its log lines.
  static let metadataProvider = Logger.MetadataProvider {
    guard let trace = ServiceContext.current?.traceContext else { return [:] }
    return ["trace_id": .string(trace.traceID), "parent_span_id": .string(trace.parentID)]
  }
}

extension ServiceContext {
  /// The client's `traceparent`; nil if it is missing or malformed.
  var traceContext: TraceContext? {
    get { self[TraceContextInstrument.Key.self] }
    set { self[TraceContextInstrument.Key.self] = newValue }
  }
}
#endif
