import CSwiftlet
import Swiftlet

extension swiftlet_answers {
  /// Allocates a struct with the answers to all questions; the caller frees it with `free`.
  static func make(_ questions: [QuestionAnswers]) -> UnsafeMutablePointer<swiftlet_answers> {
    let answers = questions.flatMap(\.answers)
    return Memory.make(
      swiftlet_answers(
        count: questions.count, starts: Memory.copy(startsOf: questions.map(\.answers.count)),
        texts: Memory.copy(texts: answers.map(\.text)),
        scores: Memory.copy(answers.map(\.score)),
        begins: Memory.copy(answers.map(\.utf8Offsets.lowerBound)),
        ends: Memory.copy(answers.map(\.utf8Offsets.upperBound)),
        code_point_begins: Memory.copy(answers.map(\.offsets.lowerBound)),
        code_point_ends: Memory.copy(answers.map(\.offsets.upperBound)),
        token_counts: Memory.copy(counts: questions.map(\.tokenCount)),
        window_counts: Memory.copy(counts: questions.map(\.windowCount)),
        truncated: Memory.copy(flags: questions.map(\.isTruncated))))
  }

  static func free(_ result: UnsafeMutablePointer<swiftlet_answers>?) {
    guard let result else { return }
    result.pointee.starts.deallocate()
    result.pointee.texts.deallocate()
    result.pointee.scores.deallocate()
    result.pointee.begins.deallocate()
    result.pointee.ends.deallocate()
    result.pointee.code_point_begins.deallocate()
    result.pointee.code_point_ends.deallocate()
    result.pointee.token_counts.deallocate()
    result.pointee.window_counts.deallocate()
    result.pointee.truncated.deallocate()
    result.deallocate()
  }
}
