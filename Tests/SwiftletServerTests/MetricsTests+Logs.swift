#if Server
import Logging
import Synchronization
import Testing
import Tracing

@testable import SwiftletServer

@Suite struct LogTests {
  /// The output of a logger.
  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func logger(isJSON: Bool, level: Logger.Level = .info) -> Logger {
      Logger(
        label: "test",
        factory: { label in
          ServerLogHandler(
            label: label, level: level, isJSON: isJSON,
            metadataProvider: TraceContextInstrument.metadataProvider
          ) { line in
            self.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
          }
        })
    }
  }

  @Test func `an event is one line, whatever a client sends`() throws {
    let lines = Lines()
    lines.logger(isJSON: false).info("hello\nERROR forged", metadata: ["path": "/a\r\n\u{7F}"])
    lines.logger(isJSON: false).debug("not shown")
    let line = try #require(lines.all.first)
    #expect(lines.all.count == 1 && line.hasSuffix("\n"))
    #expect(line.filter(\.isNewline).count == 1)
    #expect(line.contains("INFO test: hello\\nERROR forged path=/a\\r\\n\\u{7F}"))
  }

  @Test func `a JSON line has the reference's members and the metadata`() throws {
    let lines = Lines()
    var logger = lines.logger(isJSON: true)
    logger[metadataKey: "request"] = "7"
    logger.warning(
      "a \"b\"", metadata: ["level": "mine", "list": ["x", ["y": "z"]], "request": "8"])
    let line = try #require(lines.all.first)
    #expect(line.hasPrefix("{\"timestamp\":\"2"))
    #expect(line.contains(#"Z","level":"WARN","message":"a \"b\"","target":"test","filename":""#))
    #expect(
      line.hasSuffix(#","list":["x",{"y":"z"}],"metadata.level":"mine","request":"8"}"# + "\n")
        || line.hasSuffix(#","metadata.level":"mine","list":["x",{"y":"z"}],"request":"8"}"# + "\n")
    )
  }

  @Test func `numbers are numbers in JSON, and long texts are cut between characters`() throws {
    let lines = Lines()
    lines.logger(isJSON: true).info(
      "request refused",
      metadata: [
        "status": .stringConvertible(404), "duration_ms": .stringConvertible(0.25),
        "none": .stringConvertible(Double.nan), "path": "/\(String(repeating: "é", count: 40_000))",
      ])
    let line = try #require(lines.all.first)
    #expect(line.contains(#""status":404"#) && line.contains(#""duration_ms":0.25"#))
    #expect(line.contains(#""none":"nan""#))
    #expect(line.contains(#"é…""#) && line.utf8.count < 2 * ServerLogHandler.maxTextLength)
    let long = String(repeating: "m", count: 70_000)
    lines.logger(isJSON: false).info("\(long)", metadata: ["path": "\(long)"])
    #expect(lines.all[1].utf8.count < 3 * ServerLogHandler.maxTextLength)
  }

  @Test(arguments: [
    ("abc", 3, "abc"), ("abcd", 3, "abc…"), ("aéz", 2, "a…"), ("aéz", 3, "aé…"), ("é", 1, "…"),
    ("e\u{301}\u{301}", 3, "e\u{301}…"), ("", 0, ""),
  ])
  func `a text is cut to its bound between characters`(text: String, bytes: Int, expected: String) {
    #expect(text.bounded(to: bytes).unicodeScalars.elementsEqual(expected.unicodeScalars))
  }

  @Test func `a period has a few lines of each kind and counts the others`() {
    let sampler = LogSampler()
    let (refused, failed) = (
      LogSampler.Kind(event: "refused", status: 404), LogSampler.Kind(event: "failed", status: 500)
    )
    let written = (0..<500).count { _ in sampler.admits(refused) }
    #expect(written == LogSampler.linesPerPeriod && sampler.admits(failed))
    let left = sampler.nextPeriod()
    #expect(left.map(\.kind) == [refused] && left.map(\.leftOut) == [500 - written])
    #expect(sampler.admits(refused) && sampler.nextPeriod().isEmpty)
  }

  @Test func `times are those of RFC 3339`() {
    #expect(LogTime.text(seconds: 0, nanoseconds: 0) == "1970-01-01T00:00:00.000000Z")
    #expect(
      LogTime.text(seconds: 1_709_210_096, nanoseconds: 7_001_999) == "2024-02-29T12:34:56.007001Z")
  }

  // MARK: Traces

  private static let trace = "0af7651916cd43dd8448eb211c80319c"
  private static let parent = "b7ad6b7169203331"

  @Test(arguments: [
    ("00-\(trace)-\(parent)-01", true), ("00-\(trace)-\(parent)-00", true),
    ("cc-\(trace)-\(parent)-01", true), ("cc-\(trace)-\(parent)-01-later", true),
    ("00-\(trace)-\(parent)-01-later", false), ("cc-\(trace)-\(parent)-01x", false),
    ("ff-\(trace)-\(parent)-01", false), ("00-\(trace)-\(parent)", false), ("", false),
    ("00-\(trace.uppercased())-\(parent)-01", false), ("00-\(trace)-\(parent)-0g", false),
    ("00-00000000000000000000000000000000-\(parent)-01", false),
    ("00-\(trace)-0000000000000000-01", false), ("00_\(trace)_\(parent)_01", false),
  ])
  func `a traceparent is read by W3C's rules or ignored`(header: String, isValid: Bool) {
    let context = TraceContext(header: header)
    #expect((context != nil) == isValid)
    if let context {
      #expect(context.traceID == Self.trace && context.parentID == Self.parent)
    }
  }

  private struct Fields: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }

    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
      carrier[key] = value
    }
  }

  @Test func `a request's trace is in its log lines and is propagated`() throws {
    let header = "00-\(Self.trace)-\(Self.parent)-01"
    var context = ServiceContext.topLevel
    let instrument = TraceContextInstrument()
    instrument.extract(["traceparent": header], into: &context, using: Fields())
    let lines = Lines()
    ServiceContext.$current.withValue(context) { lines.logger(isJSON: true).info("in") }
    lines.logger(isJSON: true).info("out")
    #expect(
      lines.all[0].contains(
        #""parent_span_id":"\#(Self.parent)","trace_id":"\#(Self.trace)""#))
    #expect(!lines.all[1].contains("trace_id"))
    var sent: [String: String] = [:]
    instrument.inject(context, into: &sent, using: Fields())
    #expect(sent == ["traceparent": header])
  }
}
#endif
