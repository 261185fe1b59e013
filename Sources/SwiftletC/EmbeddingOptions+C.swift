import CSwiftlet
import Swiftlet

extension EmbeddingOptions {
  /// Reads the options at a pointer; the defaults for NULL.
  init(_ pointer: UnsafePointer<swiftlet_embedding_options>?) throws(Failure) {
    var options = swiftlet_embedding_options()
    try OptionStruct.read(
      pointer, into: &options, smallest: 24, name: "swiftlet_embedding_options")
    guard options.long_text != SWIFTLET_LONG_TEXT_WINDOW else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "long_text: SWIFTLET_LONG_TEXT_WINDOW is not supported for embeddings; use "
          + "SWIFTLET_LONG_TEXT_TRUNCATE, or split the text")
    }
    self.init(
      prompt: try Self.prompt(options),
      longText: try OptionStruct.choice(
        options.long_text, of: [.truncate, .error], name: "long_text"))
  }

  private static func prompt(_ options: swiftlet_embedding_options) throws(Failure) -> Prompt {
    switch Int(options.prompt_kind) {
    case SWIFTLET_PROMPT_AUTOMATIC, SWIFTLET_PROMPT_NONE:
      guard options.prompt == nil else {
        throw Failure(
          SWIFTLET_INVALID_OPTION,
          "prompt must be NULL unless prompt_kind is SWIFTLET_PROMPT_NAMED or SWIFTLET_PROMPT_TEXT")
      }
      return Int(options.prompt_kind) == SWIFTLET_PROMPT_NONE ? .none : .automatic
    case SWIFTLET_PROMPT_NAMED:
      return .named(try InputText.string(options.prompt, name: "prompt"))
    case SWIFTLET_PROMPT_TEXT:
      return .text(try InputText.string(options.prompt, name: "prompt"))
    default:
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "prompt_kind is \(options.prompt_kind); it must be between 0 and 3")
    }
  }
}
