#if Server
import SwiftletEncoder

/// A sequence of a request.
struct QueueEntry: Sendable {
  let request: QueuedRequest
  let index: Int

  var sequence: TokenSequence { request.sequences[index] }
}

/// The waiting sequences, and the choice of the next pass.
///
/// Two rules hold together. As in fq_codel (RFC 8290), a client that becomes active is served
/// before clients with much work: a short text does not wait for long ones. And a request that has
/// begun is finished before an equal one begins: of equal batches, the first ends long before the
/// last. Both follow from the order of the fair sojourn protocol (Friedman and Henderson, 2003):
/// requests are computed one after another, in the order in which they would end if all clients
/// were computed at the same time with equal shares (``EqualShares``). A later short request would
/// end earlier, so it goes first. Of equal requests, the first to arrive would end first, so it
/// continues until it is done. No request ends later than with equal shares, because the order only
/// moves earlier ends to the front.
///
/// That bound helps little to a long request beside hundreds of clients with short ones: its share
/// would be small, and the time in the queue is limited. So the oldest request gets at least one in
/// ``oldestShare`` tokens, which may delay others by as much.
struct FairQueue {
  /// The oldest request gets its next sequence before others have had three times its tokens. So it
  /// gets a quarter of all tokens.
  static let oldestShare = 4

  private struct Place {
    let request: QueuedRequest
    /// The end time with equal shares.
    let end: Double
    /// The order of arrival.
    let number: Int
  }

  /// In the order of computation; each has a waiting sequence.
  private var places: [Place] = []
  /// Reset when the queue is empty: then no client is ahead of others.
  private var shares = EqualShares()
  private var lastNumber = 0
  /// The oldest request, and the tokens of others that were computed since its last pass.
  private var oldest = (number: 0, overtaken: 0)
  /// Number of waiting sequences.
  private(set) var count = 0

  mutating func append(_ request: QueuedRequest) {
    let end = shares.add(request.waitingTokens, of: request.client)
    lastNumber += 1
    // Behind requests with the same end time, which arrived earlier.
    let place = places.firstIndex { $0.end > end } ?? places.endIndex
    places.insert(Place(request: request, end: end, number: lastNumber), at: place)
    count += request.waiting
  }

  /// Takes the sequences of the next pass: all of one kind, and at most `tokens` together unless
  /// there is only one. If a sequence has no room, later ones may still fill up the pass.
  ///
  /// - Parameters:
  ///   - budget: The tokens of a pass of several sequences.
  ///   - limit: The maximum number of sequences of a pass.
  ///   - takesLong: Whether one sequence of more than `budget` tokens may be a pass.
  /// - Returns: At least one sequence, if one that may go is waiting.
  mutating func takePass(
    tokens budget: Int, count limit: Int, takesLong: Bool = true
  ) -> [QueueEntry] {
    var pass = Pass(budget: budget, limit: limit, takesLong: takesLong)
    guard let first = places.min(by: { $0.number < $1.number }) else { return [] }
    if first.number != oldest.number { oldest = (first.number, 0) }
    if oldest.overtaken >= (Self.oldestShare - 1) * first.request.nextCost,
      pass.append(first.request.nextEntry)
    {
      first.request.next += 1
    }
    for place in places where !pass.isFull {
      while place.request.waiting > 0, pass.append(place.request.nextEntry) {
        place.request.next += 1
      }
    }
    let hasOldest = pass.entries.contains { $0.request === first.request }
    oldest.overtaken = hasOldest ? 0 : oldest.overtaken + pass.tokens
    count -= pass.entries.count
    shares.advance(pass.tokens)
    places.removeAll { $0.request.waiting == 0 }
    if places.isEmpty { shares = EqualShares() }
    return pass.entries
  }

  /// Whether some request's next sequence has at most this number of tokens.
  func hasSequence(ofAtMost tokens: Int) -> Bool {
    places.contains { $0.request.nextCost <= tokens }
  }

  /// Removes a request from the queue, if it is in it.
  mutating func remove(_ request: QueuedRequest) {
    guard let place = places.firstIndex(where: { $0.request === request }) else { return }
    places.remove(at: place)
    count -= request.waiting
    shares.remove(request.waitingTokens, of: request.client)
    if places.isEmpty { shares = EqualShares() }
  }

  /// The requests that arrived before `time` and have waiting sequences.
  func requests(before time: ContinuousClock.Instant) -> [QueuedRequest] {
    places.compactMap { $0.request.arrival < time ? $0.request : nil }
  }

  private struct Pass {
    let budget: Int
    let limit: Int
    let takesLong: Bool
    private(set) var entries: [QueueEntry] = []
    private(set) var tokens = 0

    init(budget: Int, limit: Int, takesLong: Bool) {
      self.budget = budget
      self.limit = limit
      self.takesLong = takesLong
    }

    var isFull: Bool { !entries.isEmpty && (tokens >= budget || entries.count >= limit) }

    /// Returns false, and changes nothing, if there is no room.
    mutating func append(_ entry: QueueEntry) -> Bool {
      let cost = entry.sequence.ids.count
      if let first = entries.first {
        guard tokens + cost <= budget, entries.count < limit,
          first.request.kind == entry.request.kind
        else { return false }
      } else {
        guard takesLong || cost <= budget else { return false }
      }
      entries.append(entry)
      tokens += cost
      return true
    }
  }
}
#endif
