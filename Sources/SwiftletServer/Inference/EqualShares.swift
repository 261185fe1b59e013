#if Server
/// How far each client would be if all of them were computed at the same time, each as fast as the
/// others: generalised processor sharing (Parekh and Gallager, 1993), counted in tokens.
///
/// Nothing is computed like that. It gives each request an end, and the ends give the order in which
/// ``FairQueue`` has requests computed.
struct EqualShares {
  /// Tokens that each client has got that was there all the time.
  private(set) var time = 0.0
  /// For each client that would not be done yet: the time at which it would be.
  private var ends: [ClientID: Double] = [:]

  /// The time at which a request of so many tokens would be done that comes now, behind what its client
  /// has sent before.
  mutating func add(_ tokens: Int, of client: ClientID) -> Double {
    let end = max(time, ends[client] ?? time) + Double(tokens)
    ends[client] = end
    return end
  }

  /// A client wants so many tokens no longer.
  mutating func remove(_ tokens: Int, of client: ClientID) {
    guard let end = ends[client] else { return }
    ends[client] = end - Double(tokens) > time ? end - Double(tokens) : nil
  }

  /// So many tokens are computed, whatever they are: all clients get equal shares of them.
  mutating func advance(_ tokens: Int) {
    var left = Double(tokens)
    while let first = ends.min(by: { $0.value < $1.value }) {
      let untilFirst = (first.value - time) * Double(ends.count)
      guard untilFirst <= left else {
        time += left / Double(ends.count)
        return
      }
      left -= untilFirst
      time = first.value
      ends[first.key] = nil
    }
  }
}
#endif
