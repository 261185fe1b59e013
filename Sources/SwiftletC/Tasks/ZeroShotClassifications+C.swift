import CSwiftlet
import Swiftlet

extension ZeroShotOptions {
  /// Reads the options at a pointer; the defaults for NULL.
  init(_ pointer: UnsafePointer<swiftlet_zero_shot_options>?) throws(Failure) {
    var options = swiftlet_zero_shot_options()
    try OptionStruct.read(
      pointer, into: &options, smallest: 24, name: "swiftlet_zero_shot_options")
    self.init(
      multiLabel: try OptionStruct.flag(options.multi_label, name: "multi_label"),
      longText: try OptionStruct.longText(options.long_text, of: "zero-shot classification"))
    if let template = options.hypothesis_template {
      hypothesisTemplate = try InputText.string(template, name: "hypothesis_template")
    }
  }
}

extension swiftlet_zero_shot_classifications {
  /// Allocates a struct with the scores of `labels`, row after row; the caller frees it with `free`.
  static func make(
    _ answers: [ZeroShotClassification], labels: [String]
  ) -> UnsafeMutablePointer<swiftlet_zero_shot_classifications> {
    let ranked = answers.map { ranking($0.labels, of: labels) }
    let scores = zip(answers, ranked).flatMap { answer, ranking in
      var row = [Float](repeating: 0, count: labels.count)
      for (index, label) in zip(ranking, answer.labels) { row[index] = label.score }
      return row
    }
    return Memory.make(
      swiftlet_zero_shot_classifications(
        count: answers.count, label_count: labels.count, scores: Memory.copy(scores),
        ranked: Memory.copy(ranked.flatMap(\.self)),
        token_counts: Memory.copy(counts: answers.map(\.tokenCount)),
        truncated: Memory.copy(flags: answers.map(\.isTruncated))))
  }

  /// Returns the index of each scored label. Labels that are equal byte by byte have equal scores, so
  /// the last of them comes first, as in the answer.
  private static func ranking(_ scored: [LabelScore], of labels: [String]) -> [Int] {
    var indices: [[UInt8]: [Int]] = [:]
    for (index, label) in labels.enumerated() {
      indices[Array(label.utf8), default: []].append(index)
    }
    return scored.map { indices[Array($0.label.utf8)]?.popLast() ?? 0 }
  }

  static func free(_ result: UnsafeMutablePointer<swiftlet_zero_shot_classifications>?) {
    guard let result else { return }
    result.pointee.scores.deallocate()
    result.pointee.ranked.deallocate()
    result.pointee.token_counts.deallocate()
    result.pointee.truncated.deallocate()
    result.deallocate()
  }
}
