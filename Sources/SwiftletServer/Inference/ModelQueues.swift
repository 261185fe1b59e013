#if Server
import SwiftletEncoder

/// The waiting sequences of all engines, and the choice of the engine that computes the next pass.
///
/// Engines with waiting sequences get equal shares of the threads, by start-time fair queueing
/// (Goyal, Vin and Cheng, 1996): each has a virtual time, which its passes advance by their cost,
/// and the engine with the earliest time is next. An engine that was idle starts at the time of the
/// last pass, so that it saves up nothing. ``FairQueue`` shares an engine's passes among its
/// clients. A burst of one model therefore delays the first text of another by one pass.
struct ModelQueues {
  private struct Line {
    let engine: PassEngine
    var queue = FairQueue()
    var time = 0.0
  }

  private var lines: [Line] = []
  /// The virtual time at which the last pass began.
  private var now = 0.0

  /// Number of waiting sequences of all engines.
  var count: Int { lines.reduce(0) { $0 + $1.queue.count } }

  /// Number of waiting sequences of an engine.
  func count(of engine: PassEngine) -> Int { place(of: engine).map { lines[$0].queue.count } ?? 0 }

  mutating func add(_ engine: PassEngine) { lines.append(Line(engine: engine, time: now)) }

  /// Removes an engine, which must not have waiting sequences.
  mutating func remove(_ engine: PassEngine) { lines.removeAll { $0.engine === engine } }

  mutating func append(_ request: QueuedRequest, to engine: PassEngine) {
    guard let place = place(of: engine) else { return }
    if lines[place].queue.count == 0 { lines[place].time = max(lines[place].time, now) }
    lines[place].queue.append(request)
  }

  /// Removes a request from its engine's queue, if it is in it.
  mutating func remove(_ request: QueuedRequest, from engine: PassEngine) {
    guard let place = place(of: engine) else { return }
    lines[place].queue.remove(request)
  }

  /// Takes the sequences of the next pass, as ``FairQueue/takePass(tokens:count:takesLong:)`` does.
  ///
  /// - Returns: The engine and at least one sequence; nil if none may go.
  mutating func takePass(
    tokens budget: Int, count limit: Int, takesLong: Bool = true
  ) -> (engine: PassEngine, entries: [QueueEntry])? {
    let order = lines.indices.filter { lines[$0].queue.count > 0 }
      .sorted { (lines[$0].time, $0) < (lines[$1].time, $1) }
    for place in order {
      let entries = lines[place].queue.takePass(
        tokens: budget, count: limit, takesLong: takesLong)
      guard !entries.isEmpty else { continue }
      let tokens = entries.reduce(0) { $0 + $1.sequence.ids.count }
      now = max(now, lines[place].time)
      lines[place].time += Double(tokens) * lines[place].engine.tokenCost
      return (lines[place].engine, entries)
    }
    return nil
  }

  /// Whether some request's next sequence has at most this number of tokens.
  func hasSequence(ofAtMost tokens: Int) -> Bool {
    lines.contains { $0.queue.hasSequence(ofAtMost: tokens) }
  }

  /// The requests that arrived before `time` and have waiting sequences, with their engines.
  func requests(
    before time: ContinuousClock.Instant
  ) -> [(engine: PassEngine, request: QueuedRequest)] {
    lines.flatMap { line in line.queue.requests(before: time).map { (line.engine, $0) } }
  }

  private func place(of engine: PassEngine) -> Int? { lines.firstIndex { $0.engine === engine } }
}
#endif
