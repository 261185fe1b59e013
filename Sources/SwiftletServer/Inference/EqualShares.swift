#if Server
/// Simulates that all clients are computed at the same time, with equal speed: generalised
/// processor sharing (Parekh and Gallager, 1993), counted in tokens.
///
/// The engine does not work like that. The simulation yields an end time for each request, and
/// ``FairQueue`` computes requests in the order of their end times.
struct EqualShares {
  /// Virtual time: the tokens computed for a client that was active all the time.
  private(set) var time = 0.0
  /// The end times of the clients that are not done.
  private var ends: [ClientID: Double] = [:]

  /// Adds a request behind the earlier ones of its client; returns its end time.
  mutating func add(_ tokens: Int, of client: ClientID) -> Double {
    let end = max(time, ends[client] ?? time) + Double(tokens)
    ends[client] = end
    return end
  }

  /// Removes tokens that a client no longer wants.
  mutating func remove(_ tokens: Int, of client: ClientID) {
    guard let end = ends[client] else { return }
    ends[client] = end - Double(tokens) > time ? end - Double(tokens) : nil
  }

  /// Distributes computed tokens over all clients in equal shares.
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
