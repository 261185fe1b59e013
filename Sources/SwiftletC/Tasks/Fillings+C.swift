import CSwiftlet
import Swiftlet

extension MaskFillingOptions {
  /// Reads the options at a pointer; the defaults for NULL.
  init(_ pointer: UnsafePointer<swiftlet_mask_options>?) throws(Failure) {
    var options = swiftlet_mask_options()
    try OptionStruct.read(pointer, into: &options, smallest: 32, name: "swiftlet_mask_options")
    let targets = try InputText.array(
      options.targets, count: options.target_count, name: "targets")
    self.init(
      topK: options.top_k == 0 ? 5 : Int(options.top_k),
      targets: options.targets == nil ? nil : targets,
      longText: try OptionStruct.longText(options.long_text, of: "mask filling"))
  }
}

extension swiftlet_fillings {
  /// Allocates a struct with the candidates of all texts; the caller frees it with `free`.
  static func make(_ answers: [MaskFilling]) -> UnsafeMutablePointer<swiftlet_fillings> {
    let masks = answers.flatMap(\.masks)
    let candidates = masks.flatMap(\.self)
    return Memory.make(
      swiftlet_fillings(
        count: answers.count, mask_starts: Memory.copy(startsOf: answers.map(\.masks.count)),
        candidate_starts: Memory.copy(startsOf: masks.map(\.count)),
        tokens: Memory.copy(texts: candidates.map(\.token)),
        token_ids: Memory.copy(candidates.map(\.tokenID)),
        scores: Memory.copy(candidates.map(\.score)),
        sequences: Memory.copy(texts: candidates.map(\.sequence)),
        token_counts: Memory.copy(counts: answers.map(\.tokenCount)),
        truncated: Memory.copy(flags: answers.map(\.isTruncated))))
  }

  static func free(_ result: UnsafeMutablePointer<swiftlet_fillings>?) {
    guard let result else { return }
    result.pointee.mask_starts.deallocate()
    result.pointee.candidate_starts.deallocate()
    result.pointee.tokens.deallocate()
    result.pointee.token_ids.deallocate()
    result.pointee.scores.deallocate()
    result.pointee.sequences.deallocate()
    result.pointee.token_counts.deallocate()
    result.pointee.truncated.deallocate()
    result.deallocate()
  }
}
