import CSwiftlet
import Swiftlet

extension swiftlet_classifications {
  /// Allocates a struct with the answers, row after row; the caller frees it with `free`.
  static func make(
    _ answers: [Classification], by classifier: Classifier, options: ClassificationOptions
  ) -> UnsafeMutablePointer<swiftlet_classifications> {
    let scores = answers.map { classifier.scores(of: $0, options: options) }
    return Memory.make(
      swiftlet_classifications(
        count: answers.count, label_count: classifier.labels.count,
        scores: Memory.copy(scores.flatMap(\.self)),
        logits: Memory.copy(answers.flatMap(\.logits)),
        best: Memory.copy(scores.map(best)),
        token_counts: Memory.copy(answers.map { UInt32(clamping: $0.tokenCount) }),
        truncated: Memory.copy(answers.map { UInt8($0.isTruncated ? 1 : 0) })))
  }

  /// Returns the index of the highest score, the first of equal ones.
  private static func best(_ scores: [Float]) -> Int {
    scores.indices.dropFirst().reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }

  static func free(_ result: UnsafeMutablePointer<swiftlet_classifications>?) {
    guard let result else { return }
    result.pointee.scores.deallocate()
    result.pointee.logits.deallocate()
    result.pointee.best.deallocate()
    result.pointee.token_counts.deallocate()
    result.pointee.truncated.deallocate()
    result.deallocate()
  }
}
