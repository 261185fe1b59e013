#if Server
import SwiftletEncoder

/// A sequence of a request.
struct QueueEntry: Sendable {
  let request: QueuedRequest
  let index: Int

  var sequence: TokenSequence { request.sequences[index] }
}

/// The sequences that wait, and which of them the next pass takes.
///
/// Two rules hold together. A client that becomes active is served before those that have much to do,
/// as in fq_codel (RFC 8290): a short text does not wait for long ones. And what has begun is finished
/// before as much other work is begun: of equal batches the first is done long before the last. Both
/// follow from one order, that of the fair sojourn protocol (Friedman and Henderson, 2003): requests are
/// computed one after another, in the order in which they would be done if all clients were computed
/// at the same time with equal shares (``EqualShares``). A short request that comes later would be done
/// earlier, and so goes first; of equal requests the one that came first would be done first, and so
/// goes on until it is done. No request is done later than with equal shares: the order only moves to
/// the front what is done sooner.
///
/// That bound is of little use to a long request beside hundreds of clients with short ones: its share
/// would be small, and the time that it may wait to be begun is limited. So the request that came first
/// gets at least one in ``oldestShare`` tokens, and others may be done later by as much.
struct FairQueue {
  /// The request that came first gets its next sequence before others have had three times as many
  /// tokens as that has: a quarter of what is computed.
  static let oldestShare = 4

  private struct Place {
    let request: QueuedRequest
    /// When it would be done with equal shares.
    let end: Double
    /// In the order of arrival.
    let number: Int
  }

  /// In the order in which they are computed; some sequence of each waits.
  private var places: [Place] = []
  /// Without anything in the line no client is ahead of others.
  private var shares = EqualShares()
  private var lastNumber = 0
  /// The request that came first, and how many tokens of others were computed since it had its last.
  private var oldest = (number: 0, overtaken: 0)
  /// Sequences that wait.
  private(set) var count = 0

  mutating func append(_ request: QueuedRequest) {
    let end = shares.add(request.waitingTokens, of: request.client)
    lastNumber += 1
    // Behind those with the same end: they came before.
    let place = places.firstIndex { $0.end > end } ?? places.endIndex
    places.insert(Place(request: request, end: end, number: lastNumber), at: place)
    count += request.waiting
  }

  /// The sequences of the next pass: all of one kind, and of more than one no more than `tokens`
  /// together. Where one has no room left, those behind it may still fill up the pass.
  ///
  /// - Parameters:
  ///   - budget: The tokens of a pass of several sequences.
  ///   - limit: The sequences of a pass.
  ///   - takesLong: Whether a sequence of more tokens than `budget` may go, by itself.
  /// - Returns: At least one sequence, if any waits that may go.
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

  /// Whether a pass of sequences of at most so many tokens would have any.
  func hasSequence(ofAtMost tokens: Int) -> Bool {
    places.contains { $0.request.nextCost <= tokens }
  }

  /// Takes a request out of the line that will not be computed, if it is in it.
  mutating func remove(_ request: QueuedRequest) {
    guard let place = places.firstIndex(where: { $0.request === request }) else { return }
    places.remove(at: place)
    count -= request.waiting
    shares.remove(request.waitingTokens, of: request.client)
    if places.isEmpty { shares = EqualShares() }
  }

  /// Requests that came before `time`, of which some sequence still waits.
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

    /// False if there is no room; then nothing changes.
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
