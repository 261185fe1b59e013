#if Server
import DequeModule
import SwiftletEncoder

/// A sequence of a request.
struct QueueEntry: Sendable {
  let request: QueuedRequest
  let index: Int

  var sequence: TokenSequence { request.sequences[index] }
}

/// The sequences that wait, and which of them the next pass takes.
///
/// Deficit round robin (Shreedhar and Varghese, 1995) over the clients, counted in tokens: at its turn
/// a client gets a quantum of credit, and as many of its sequences go as the credit pays for; what is
/// left it keeps, unless nothing of it waits. So a client with many long texts and one with a single
/// short text get as many tokens computed, and the short one is through at its first turn.
struct WaitingLine {
  private final class Client {
    let id: ClientID
    var requests: Deque<QueuedRequest> = []
    var credit = 0
    /// The round of its latest turn.
    var round: Int
    /// Whether this turn's credit was given: a client that only lacked room in the pass is still at
    /// its turn in the next.
    var hasTurn = false

    init(_ id: ClientID, before round: Int) {
      self.id = id
      self.round = round - 1
    }

    /// The round of the turn that it has, or gets next.
    var nextRound: Int { hasTurn ? round : round + 1 }
  }

  /// Tokens that a client may have computed at each turn.
  static let quantum = 128

  private var clients: [ClientID: Client] = [:]
  /// In the order of their turns; each has something that waits.
  private var turns: Deque<Client> = []
  /// Sequences that wait.
  private(set) var count = 0

  mutating func append(_ request: QueuedRequest) {
    count += request.waiting
    if let client = clients[request.client] {
      client.requests.append(request)
    } else {
      let client = Client(request.client, before: turns.last?.nextRound ?? 1)
      client.requests.append(request)
      clients[request.client] = client
      turns.append(client)
    }
  }

  /// The sequences of the next pass: all of one kind, at least one if any wait, and of more than one
  /// no more than `tokens` together.
  ///
  /// Where one has no room left, those behind it may still fill up the pass, but nobody has two turns
  /// while it waits for one: short texts would have the larger share.
  mutating func takePass(tokens budget: Int, count limit: Int) -> [QueueEntry] {
    var pass = Pass(budget: budget, limit: limit)
    // Clients whose next sequence has no room in this pass come first in the next.
    var held: [Client] = []
    while !pass.isFull, let client = turns.popFirst() {
      if let first = held.first, client.nextRound > first.round {
        turns.prepend(client)
        break
      }
      if !client.hasTurn {
        client.credit += Self.quantum
        client.hasTurn = true
        client.round += 1
      }
      switch serve(client, &pass) {
      case .isDone: clients[client.id] = nil
      case .lacksRoom: held.append(client)
      case .lacksCredit:
        client.hasTurn = false
        turns.append(client)
      }
    }
    turns.prepend(contentsOf: held)
    count -= pass.entries.count
    return pass.entries
  }

  /// Takes a request that has ended, or will never be computed, out of the line; `dropped` of its
  /// sequences waited.
  mutating func remove(_ request: QueuedRequest, dropped: Int) {
    guard let client = clients[request.client],
      let place = client.requests.firstIndex(where: { $0 === request })
    else { return }
    client.requests.remove(at: place)
    count -= dropped
    guard client.requests.isEmpty else { return }
    clients[client.id] = nil
    turns.removeAll { $0 === client }
  }

  /// Requests that came before `time`, of which some sequence still waits.
  func requests(before time: ContinuousClock.Instant) -> [QueuedRequest] {
    // A client's requests stand in the order of their arrival.
    turns.flatMap { $0.requests.prefix { $0.arrival < time } }
  }

  private enum Turn { case isDone, lacksRoom, lacksCredit }

  private func serve(_ client: Client, _ pass: inout Pass) -> Turn {
    while let request = client.requests.first {
      let entry = QueueEntry(request: request, index: request.next)
      let cost = entry.sequence.ids.count
      guard cost <= client.credit else { return .lacksCredit }
      guard pass.hasRoom(cost, request.kind) else { return .lacksRoom }
      client.credit -= cost
      pass.append(entry, cost)
      request.next += 1
      if request.waiting == 0 { client.requests.removeFirst() }
    }
    return .isDone
  }

  private struct Pass {
    let budget: Int
    let limit: Int
    var entries: [QueueEntry] = []
    private var tokens = 0

    init(budget: Int, limit: Int) {
      self.budget = budget
      self.limit = limit
    }

    var isFull: Bool { !entries.isEmpty && (tokens >= budget || entries.count >= limit) }

    func hasRoom(_ cost: Int, _ kind: RowKind) -> Bool {
      guard let first = entries.first else { return true }
      return tokens + cost <= budget && entries.count < limit && first.request.kind == kind
    }

    mutating func append(_ entry: QueueEntry, _ cost: Int) {
      entries.append(entry)
      tokens += cost
    }
  }
}
#endif
