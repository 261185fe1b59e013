import Swiftlet

/// Answers that a run has computed, so that equal texts are computed once.
///
/// Texts are equal if their bytes are, and a text's answer is the same bits in every batch; the output is
/// therefore the same with and without a cache. Memory is bounded: answers that have not been used for
/// long are dropped.
final class AnswerCache<Answer: TaskAnswer> {
  /// Texts that were asked for.
  private(set) var textCount = 0
  /// Those of them that were not computed.
  private(set) var savedCount = 0

  private var recent: [TextKey: Answer] = [:]
  /// What was recent before the last time that half of the limit was reached.
  private var older: [TextKey: Answer] = [:]
  private var recentBytes = 0
  private let halfLimit: Int
  private let answerBytes: Int

  /// About the bytes of a dictionary's entry, without key and answer.
  private static var entryBytes: Int { 160 }

  /// - Parameters:
  ///   - limit: the bytes that the cache may take, about
  ///   - answerBytes: the bytes that an answer takes on the heap
  init(limit: Int = 64 << 20, answerBytes: Int) {
    halfLimit = limit / 2
    self.answerBytes = answerBytes
  }

  /// The answers to texts, of which `compute` gets those that are not known, each once.
  ///
  /// - Throws: the error of `compute`; an error about one text names its index in `texts`
  func answers(
    to texts: [SourcedText],
    compute: ([SourcedText]) throws(SwiftletError) -> [Answer]
  ) throws(SwiftletError) -> [Answer] {
    let keys = texts.map(TextKey.init)
    var known: [TextKey: Answer] = [:]
    var missing: [Int] = []
    var asked: Set<TextKey> = []
    for (index, key) in keys.enumerated() where known[key] == nil {
      if let answer = find(key) {
        known[key] = answer
      } else if asked.insert(key).inserted {
        missing.append(index)
      }
    }
    for (index, answer) in zip(missing, try self.compute(missing, of: texts, compute)) {
      known[keys[index]] = answer
      insert(answer, for: keys[index])
    }
    textCount += texts.count
    savedCount += texts.count - missing.count
    return keys.compactMap { known[$0] }
  }

  private func compute(
    _ indices: [Int], of texts: [SourcedText],
    _ compute: ([SourcedText]) throws(SwiftletError) -> [Answer]
  ) throws(SwiftletError) -> [Answer] {
    guard !indices.isEmpty else { return [] }
    do throws(SwiftletError) { return try compute(indices.map { texts[$0] }) } catch {
      guard case .text(let problem, let index) = error, indices.indices.contains(index) else {
        throw error
      }
      throw .text(problem, index: indices[index])
    }
  }

  private func find(_ key: TextKey) -> Answer? {
    if let answer = recent[key] { return answer }
    guard let answer = older[key] else { return nil }
    insert(answer, for: key)
    return answer
  }

  private func insert(_ answer: Answer, for key: TextKey) {
    recentBytes += key.bytes.count + answerBytes + Self.entryBytes
    recent[key] = answer
    guard recentBytes > halfLimit else { return }
    older = recent
    recent = [:]
    recentBytes = 0
  }

  /// How much was saved, for the end of a run; nil before the first text.
  var note: String? {
    guard textCount > 0 else { return nil }
    let share = NumberText.percent(Double(savedCount) / Double(textCount), digits: 1)
    return "--unique computed \(NumberText.grouped(textCount - savedCount)) of"
      + " \(NumberText.grouped(textCount)) texts; the other \(share) are equal to one of them"
  }
}

/// The bytes of a text and of its second text. Swift's strings are equal if they look the same, but the
/// model may tell them apart.
struct TextKey: Hashable {
  let bytes: [UInt8]

  init(_ text: SourcedText) {
    var bytes = Array(text.text.utf8)
    if let pair = text.pair {
      bytes.append(0xFF)
      bytes += pair.utf8
    }
    self.bytes = bytes
  }

  func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}
