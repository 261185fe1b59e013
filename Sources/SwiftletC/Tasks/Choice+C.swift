import CSwiftlet
import Swiftlet

extension swiftlet_choice_options {
  /// Reads the options at a pointer: how long texts are treated.
  static func longText(
    _ pointer: UnsafePointer<swiftlet_choice_options>?
  ) throws(Failure) -> LongText {
    var options = swiftlet_choice_options()
    try OptionStruct.read(pointer, into: &options, smallest: 16, name: "swiftlet_choice_options")
    try OptionStruct.checkReserved(options.reserved == 0)
    return try OptionStruct.longText(options.long_text, of: "multiple choice")
  }
}

extension swiftlet_choice {
  /// Allocates a struct with the scores; the caller frees it with `free`.
  static func make(_ choice: MultipleChoice.Choice) -> UnsafeMutablePointer<swiftlet_choice> {
    Memory.make(
      swiftlet_choice(
        count: choice.scores.count, best: choice.best, scores: Memory.copy(choice.scores),
        logits: Memory.copy(choice.logits), token_count: UInt32(clamping: choice.tokenCount),
        truncated: choice.isTruncated ? 1 : 0))
  }

  static func free(_ result: UnsafeMutablePointer<swiftlet_choice>?) {
    guard let result else { return }
    result.pointee.scores.deallocate()
    result.pointee.logits.deallocate()
    result.deallocate()
  }
}
