import CSwiftlet
import Swiftlet

extension swiftlet_entities {
  /// Allocates a struct with the entities of all texts; the caller frees it with `free`.
  static func make(_ answers: [TokenClassification]) -> UnsafeMutablePointer<swiftlet_entities> {
    let entities = answers.flatMap(\.entities)
    return Memory.make(
      swiftlet_entities(
        count: answers.count, starts: Memory.copy(startsOf: answers.map(\.entities.count)),
        labels: Memory.copy(strings: entities.map(\.label)),
        scores: Memory.copy(entities.map(\.score)),
        words: Memory.copy(texts: entities.map(\.word)),
        begins: Memory.copy(entities.map(\.utf8Offsets.lowerBound)),
        ends: Memory.copy(entities.map(\.utf8Offsets.upperBound)),
        code_point_begins: Memory.copy(entities.map(\.offsets.lowerBound)),
        code_point_ends: Memory.copy(entities.map(\.offsets.upperBound)),
        token_indices: Memory.copy(entities.map { Int64($0.tokenIndex ?? -1) }),
        token_counts: Memory.copy(counts: answers.map(\.tokenCount)),
        truncated: Memory.copy(flags: answers.map(\.isTruncated))))
  }

  static func free(_ result: UnsafeMutablePointer<swiftlet_entities>?) {
    guard let result else { return }
    result.pointee.starts.deallocate()
    result.pointee.labels.deallocate()
    result.pointee.scores.deallocate()
    result.pointee.words.deallocate()
    result.pointee.begins.deallocate()
    result.pointee.ends.deallocate()
    result.pointee.code_point_begins.deallocate()
    result.pointee.code_point_ends.deallocate()
    result.pointee.token_indices.deallocate()
    result.pointee.token_counts.deallocate()
    result.pointee.truncated.deallocate()
    result.deallocate()
  }
}
