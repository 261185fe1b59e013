#if Server
import Synchronization

/// The memory of long answers, from before they are computed until the client has taken them. It is
/// bounded: a request of some kilobytes may ask for a hundred megabytes, and take its time to read them.
///
/// Very long ones have a part of their own, so that a few of them don't keep all others out. Clients that
/// don't read keep no others out either: where room is needed, their answers are given up.
final class ResponseMemoryBudget: Sendable {
  /// Answers up to this size are not counted.
  static let maxUncounted = 65_536
  /// Answers beyond this size are very long.
  static let maxOrdinary = 1 << 20
  /// Bytes of all very long ones together, and of all others.
  static let limits = (long: 192 << 20, ordinary: 64 << 20)
  /// An answer of which the client has taken nothing for so long gives way to others.
  static let patience = Duration.seconds(2)

  private let long = Part(limits.long)
  private let ordinary = Part(limits.ordinary)

  /// Answers of one size, up to a limit of bytes together.
  fileprivate final class Part: Sendable {
    private struct Answer {
      var bytes: Int
      /// When the client last took some of it; nil until it is sent.
      var progress: ContinuousClock.Instant?
      let giveUp: @Sendable () -> Void
    }

    private struct State {
      var used = 0
      var answers: [Int: Answer] = [:]
      var lastNumber = 0
    }

    let limit: Int
    private let state = Mutex(State())

    init(_ limit: Int) { self.limit = limit }

    /// Counts an answer in, in place of others that must give way; nil, and nothing is done, where there
    /// would be more bytes than the limit all the same.
    func add(
      _ bytes: Int, _ now: ContinuousClock.Instant, _ giveUp: @escaping @Sendable () -> Void
    ) -> Int? {
      let (number, givenUp) = state.withLock { state -> (Int?, [Answer]) in
        guard let places = Self.room(for: bytes - (limit - state.used), state.answers, now) else {
          return (nil, [])
        }
        let givenUp = places.compactMap { state.answers.removeValue(forKey: $0) }
        state.used += bytes - givenUp.reduce(0) { $0 + $1.bytes }
        state.lastNumber += 1
        state.answers[state.lastNumber] = Answer(bytes: bytes, giveUp: giveUp)
        return (state.lastNumber, givenUp)
      }
      for answer in givenUp { answer.giveUp() }
      return number
    }

    /// The answers that free so many bytes by giving way, those that have waited longest; nil if there
    /// are too few.
    private static func room(
      for missing: Int, _ answers: [Int: Answer], _ now: ContinuousClock.Instant
    ) -> [Int]? {
      guard missing > 0 else { return [] }
      let stalled = answers.compactMap { number, answer in
        answer.progress.flatMap { now - $0 >= patience ? (number, $0, answer.bytes) : nil }
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

  /// A part of the budget, as long as it is held, or until it has to give way.
  final class Share: Sendable {
    private let part: Part
    private let number: Int
    /// Of the answer, about.
    let bytes: Int

    fileprivate init(of part: Part, number: Int, bytes: Int) {
      self.part = part
      self.number = number
      self.bytes = bytes
    }

    /// Gives back what is beyond so many bytes.
    func shrink(to bytes: Int) { part.shrink(number, to: bytes) }

    /// The answer is being sent: the client may take more of it now.
    func progress(_ now: ContinuousClock.Instant = .now) { part.progress(number, now) }

    deinit { part.remove(number) }
  }

  /// Counts an answer of about this size in, unless it is a short one. Whatever its size, the only one
  /// finds room.
  ///
  /// - Parameters:
  ///   - bytes: The size.
  ///   - now: The time.
  ///   - giveUp: Called if the answer has to give way while it is sent; must end the sending.
  /// - Returns: nil for a short answer.
  /// - Throws: ``ServerError/overloaded``.
  func share(
    of bytes: Int, at now: ContinuousClock.Instant = .now,
    giveUp: @escaping @Sendable () -> Void
  ) throws(ServerError) -> Share? {
    guard bytes > Self.maxUncounted else { return nil }
    let part = bytes > Self.maxOrdinary ? long : ordinary
    guard let number = part.add(min(bytes, part.limit), now, giveUp) else { throw .overloaded }
    return Share(of: part, number: number, bytes: bytes)
  }
}
#endif
