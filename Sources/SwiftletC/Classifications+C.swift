import CSwiftlet
import Swiftlet

extension swiftlet_classifications {
  /// Allocates a struct with the answers, row after row; the caller frees it with `free`.
  static func make(
    _ answers: [Classification], by classifier: Classifier, _ call: ClassificationCall
  ) -> UnsafeMutablePointer<swiftlet_classifications> {
    let scores = answers.map { classifier.scores(of: $0, options: call.options) }
    let ranked = scores.map(ranking)
    return Memory.make(
      swiftlet_classifications(
        count: answers.count, label_count: classifier.labels.count,
        scores: Memory.copy(scores.flatMap(\.self)),
        logits: Memory.copy(answers.flatMap(\.logits)),
        best: Memory.copy(scores.map(best)),
        token_counts: Memory.copy(counts: answers.map(\.tokenCount)),
        truncated: Memory.copy(flags: answers.map(\.isTruncated)),
        ranked_count: call.rankedCount,
        ranked: Memory.copy(ranked.flatMap { $0.prefix(call.rankedCount) }),
        accepted: Memory.copy(flags: scores.flatMap { zip($0, call.thresholds).map { $0 >= $1 } }),
        decided: Memory.copy(flags: scores.map { isDecided($0[best($0)], call) })))
  }

  /// Returns the index of the highest score, the first of equal ones.
  private static func best(_ scores: [Float]) -> Int {
    scores.indices.dropFirst().reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }

  /// Returns the labels by score, the best first and equal ones in their order.
  private static func ranking(_ scores: [Float]) -> [Int] {
    scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
  }

  private static func isDecided(_ score: Float, _ call: ClassificationCall) -> Bool {
    call.minimumScore.map { score >= $0 } ?? true
  }

  static func free(_ result: UnsafeMutablePointer<swiftlet_classifications>?) {
    guard let result else { return }
    result.pointee.scores.deallocate()
    result.pointee.logits.deallocate()
    result.pointee.best.deallocate()
    result.pointee.token_counts.deallocate()
    result.pointee.truncated.deallocate()
    result.pointee.ranked.deallocate()
    result.pointee.accepted.deallocate()
    result.pointee.decided.deallocate()
    result.deallocate()
  }
}
