import Builtin
import Glibc
import Synchronization

/// What several threads do together: each of them runs the same steps, and of every step the pieces
/// that it gets hold of.
package protocol TeamWork: AnyObject, Sendable {
  func run(_ member: inout TeamMember)
}

/// The threads that go through one pass together; made by ``WorkerPool/makeTeam()``, for one pass at
/// a time.
///
/// Nobody waits for a thread that comes late, or not at all: a step is over when its pieces are done,
/// whoever did them. Two numbers suffice for a whole pass, the pieces that were taken and those that
/// are done since it began; each member knows how many pieces the steps before had.
package final class Team: Sendable {
  /// The most members of a pass, those that have left included.
  package let capacity: Int
  private let crowd: Crowd
  private let taken = Atomic(0)
  private let done = Atomic(0)
  /// The members that are inside; more than `closed` while nobody may join.
  private let inside = Atomic(Team.closed)
  /// The places that members have had, so that each has one of its own.
  private let places = Atomic(0)

  private static let closed = 1 << 32

  init(capacity: Int, crowd: Crowd) {
    self.capacity = capacity
    self.crowd = crowd
  }

  /// Begins a pass, which others may join; the caller is its first member.
  func open() -> TeamMember {
    taken.store(0, ordering: .relaxed)
    done.store(0, ordering: .relaxed)
    places.store(1, ordering: .relaxed)
    inside.wrappingSubtract(Self.closed - 1, ordering: .releasing)
    return TeamMember(team: self, place: 0)
  }

  /// A place in the pass that is under way; nil if there is none.
  func join() -> TeamMember? {
    if inside.wrappingAdd(1, ordering: .acquiring).oldValue < Self.closed {
      let place = places.wrappingAdd(1, ordering: .relaxed).oldValue
      if place < capacity { return TeamMember(team: self, place: place) }
    }
    leave()
    return nil
  }

  func leave() { inside.wrappingSubtract(1, ordering: .releasing) }

  /// Lets nobody in any more, and waits until all but the caller are out.
  func close() {
    inside.wrappingAdd(Self.closed - 1, ordering: .acquiringAndReleasing)
    wait { inside.load(ordering: .acquiring) == Self.closed }
  }

  /// Whether members should leave, because others compute on their own.
  fileprivate var isCrowded: Bool { crowd.isTooLarge }

  /// The next piece, unless it lies behind the end of the step.
  fileprivate func take(before end: Int) -> Int? {
    var next = taken.load(ordering: .relaxed)
    while next < end {
      let (exchanged, current) = taken.weakCompareExchange(
        expected: next, desired: next + 1, ordering: .relaxed)
      if exchanged { return next }
      next = current
    }
    return nil
  }

  fileprivate func finishPiece() { done.wrappingAdd(1, ordering: .releasing) }

  fileprivate func waitUntilDone(_ end: Int) {
    wait { done.load(ordering: .acquiring) >= end }
  }

  /// Waits for threads that are computing: a short while without giving up the processor, then in
  /// turns with whoever else wants it.
  private func wait(until condition: () -> Bool) {
    var rounds = 0
    while !condition() {
      if rounds < 2000 {
        rounds += 1
        spinPause()
      } else {
        sched_yield()
      }
    }
  }
}

/// One thread's part in a pass. All members of a pass must share out the same steps.
package struct TeamMember {
  private let team: Team
  /// Tells the members of a pass apart: below the team's `capacity`.
  package let place: Int
  /// The pieces of all steps so far.
  private var pieces = 0
  private var hasLeft = false

  fileprivate init(team: Team, place: Int) {
    self.team = team
    self.place = place
  }

  /// A member of a team of one.
  package static func alone() -> TeamMember { Team(capacity: 1, crowd: Crowd(limit: 1)).open() }

  package var isAlone: Bool { team.capacity == 1 }

  /// Runs `body` for ranges that together are 0 ..< count, on all members, and returns when all are
  /// done.
  package mutating func share(_ count: Int, _ body: (Range<Int>) -> Void) {
    guard count > 0, !hasLeft else { return }
    if isAlone { return body(0..<count) }
    if place > 0, team.isCrowded {
      hasLeft = true
      return
    }
    let split = Split(count: count, members: team.capacity)
    let first = pieces
    pieces += split.pieceCount
    while let piece = team.take(before: pieces) {
      body(split.range(piece - first))
      team.finishPiece()
    }
    team.waitUntilDone(pieces)
  }
}

/// How a step is cut into pieces: rounds of one piece for each member, every round half of what is
/// left. So most is done in long runs, and still all come to the end together.
struct Split {
  let pieceCount: Int
  private let count: Int
  private let members: Int

  private static let mostRounds = 4

  init(count: Int, members: Int) {
    self.count = count
    self.members = members
    pieceCount = min(count, members * Self.mostRounds)
  }

  func range(_ piece: Int) -> Range<Int> { start(of: piece)..<start(of: piece + 1) }

  private func start(of piece: Int) -> Int {
    // Few units: one for each piece.
    guard count > members * Self.mostRounds else { return piece }
    let (round, place) = piece.quotientAndRemainder(dividingBy: members)
    // What is left before a round: all, a half, a quarter, an eighth, nothing.
    let before = left(before: round)
    let after = left(before: round + 1)
    return count - before + (before - after) * place / members
  }

  private func left(before round: Int) -> Int { round == Self.mostRounds ? 0 : count >> round }
}

/// The threads of a pool that compute at the moment.
final class Crowd: Sendable {
  private let limit: Int
  private let count = Atomic(0)

  init(limit: Int) { self.limit = limit }

  var isTooLarge: Bool { count.load(ordering: .relaxed) > limit }
  var isComplete: Bool { count.load(ordering: .relaxed) >= limit }

  func enter() { count.wrappingAdd(1, ordering: .relaxed) }
  func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}

/// Tells the processor that the thread waits for another's write.
func spinPause() {
  #if arch(x86_64)
  Builtin.int_x86_sse2_pause()
  #endif
}
