#if Server
import Synchronization

/// Bounds the memory of long responses, from before they are computed until they are sent. A
/// request of some kilobytes can ask for a hundred megabytes and read them slowly.
///
/// Very long responses have a separate part, so that a few of them don't block all others. If room
/// is needed, responses of clients that don't read are aborted.
final class ResponseMemoryBudget: Sendable {
  /// Responses up to this size are not counted.
  static let maxUncounted = 65_536
  /// Responses beyond this size are very long.
  static let maxOrdinary = 1 << 20
  /// Maximum bytes of all very long responses, and of all others.
  static let limits = (long: 192 << 20, ordinary: 64 << 20)
  /// A response may be aborted for others after its client has read nothing for this time.
  static let stallTimeout = Duration.seconds(2)

  private let long = Part(limits.long)
  private let ordinary = Part(limits.ordinary)

  /// Responses of one size class, up to a number of bytes together.
  fileprivate final class Part: Sendable {
    private struct Answer {
      var bytes: Int
      /// When the client last read some of it; nil before it is sent.
      var progress: ContinuousClock.Instant?
      let abort: @Sendable () -> Void
    }

    private struct State {
      var used = 0
      var answers: [Int: Answer] = [:]
      var lastNumber = 0
    }

    let limit: Int
    private let state = Mutex(State())

    init(_ limit: Int) { self.limit = limit }

    /// Adds a response, and aborts stalled ones if it needs their room. Returns nil, and changes
    /// nothing, if even that is not enough.
    func add(
      _ bytes: Int, _ now: ContinuousClock.Instant, _ abort: @escaping @Sendable () -> Void
    ) -> Int? {
      let (number, aborted) = state.withLock { state -> (Int?, [Answer]) in
        guard let places = Self.room(for: bytes - (limit - state.used), state.answers, now) else {
          return (nil, [])
        }
        let aborted = places.compactMap { state.answers.removeValue(forKey: $0) }
        state.used += bytes - aborted.reduce(0) { $0 + $1.bytes }
        state.lastNumber += 1
        state.answers[state.lastNumber] = Answer(bytes: bytes, abort: abort)
        return (state.lastNumber, aborted)
      }
      for answer in aborted { answer.abort() }
      return number
    }

    /// The longest-stalled responses that free `missing` bytes; nil if there are too few.
    private static func room(
      for missing: Int, _ answers: [Int: Answer], _ now: ContinuousClock.Instant
    ) -> [Int]? {
      guard missing > 0 else { return [] }
      let stalled = answers.compactMap { number, answer in
        answer.progress.flatMap { now - $0 >= stallTimeout ? (number, $0, answer.bytes) : nil }
      }.sorted { $0.1 < $1.1 }
      var freed = 0
      var numbers: [Int] = []
      for (number, _, bytes) in stalled where freed < missing {
        freed += bytes
        numbers.append(number)
      }
      return freed >= missing ? numbers : nil
    }

    func shrink(_ number: Int, to bytes: Int) {
      state.withLock { state in
        guard let answer = state.answers[number], bytes < answer.bytes else { return }
        state.used -= answer.bytes - bytes
        state.answers[number]?.bytes = bytes
      }
    }

    func progress(_ number: Int, _ now: ContinuousClock.Instant) {
      state.withLock { $0.answers[number]?.progress = now }
    }

    func remove(_ number: Int) {
      state.withLock { state in
        guard let answer = state.answers.removeValue(forKey: number) else { return }
        state.used -= answer.bytes
      }
    }
  }

  /// A part of the budget, until it is released or its response is aborted.
  final class Share: Sendable {
    private let part: Part
    private let number: Int
    /// The approximate size of the response.
    let bytes: Int

    fileprivate init(of part: Part, number: Int, bytes: Int) {
      self.part = part
      self.number = number
      self.bytes = bytes
    }

    /// Releases what exceeds `bytes`.
    func shrink(to bytes: Int) { part.shrink(number, to: bytes) }

    /// Records that the client has read some of the response.
    func progress(_ now: ContinuousClock.Instant = .now) { part.progress(number, now) }

    deinit { part.remove(number) }
  }

  /// Reserves memory for a response of about this size, unless it is short. A single response of
  /// any size has room.
  ///
  /// - Parameters:
  ///   - bytes: The size.
  ///   - now: The time.
  ///   - abort: Aborts the response, if others need the room.
  /// - Returns: nil for a short response.
  /// - Throws: ``ServerError/overloaded``.
  func share(
    of bytes: Int, at now: ContinuousClock.Instant = .now,
    abort: @escaping @Sendable () -> Void
  ) throws(ServerError) -> Share? {
    guard bytes > Self.maxUncounted else { return nil }
    let part = bytes > Self.maxOrdinary ? long : ordinary
    guard let number = part.add(min(bytes, part.limit), now, abort) else { throw .overloaded }
    return Share(of: part, number: number, bytes: bytes)
  }
}
#endif
