import CSwiftlet
import Swiftlet

extension Prompt {
  /// Reads the options `prompt_kind` and `prompt`.
  init(kind: Int32, _ prompt: UnsafePointer<CChar>?) throws(Failure) {
    switch Int(kind) {
    case SWIFTLET_PROMPT_AUTOMATIC, SWIFTLET_PROMPT_NONE:
      guard prompt == nil else {
        throw Failure(
          SWIFTLET_INVALID_OPTION,
          "prompt must be NULL unless prompt_kind is SWIFTLET_PROMPT_NAMED or SWIFTLET_PROMPT_TEXT")
      }
      self = Int(kind) == SWIFTLET_PROMPT_NONE ? .none : .automatic
    case SWIFTLET_PROMPT_NAMED:
      self = .named(try InputText.string(prompt, name: "prompt"))
    case SWIFTLET_PROMPT_TEXT:
      self = .text(try InputText.string(prompt, name: "prompt"))
    default:
      throw Failure(
        SWIFTLET_INVALID_OPTION, "prompt_kind is \(kind); it must be between 0 and 3")
    }
  }
}
