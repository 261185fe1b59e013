import Synchronization

/// Counts the threads of a pool that compute at the moment.
final class ActiveThreads: Sendable {
  private let limit: Int
  private let count = Atomic(0)

  init(limit: Int) { self.limit = limit }

  var isOverLimit: Bool { count.load(ordering: .relaxed) > limit }
  var isAtLimit: Bool { count.load(ordering: .relaxed) >= limit }

  func enter() { count.wrappingAdd(1, ordering: .relaxed) }
  func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}
