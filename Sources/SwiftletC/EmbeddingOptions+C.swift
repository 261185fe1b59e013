import CSwiftlet
import Swiftlet

extension EmbeddingOptions {
  /// Reads the options at a pointer; the defaults for NULL.
  init(_ pointer: UnsafePointer<swiftlet_embedding_options>?) throws(Failure) {
    var options = swiftlet_embedding_options()
    try OptionStruct.read(
      pointer, into: &options, smallest: 24, name: "swiftlet_embedding_options")
    try OptionStruct.checkReserved(options.reserved == 0)
    self.init(
      prompt: try Prompt(kind: options.prompt_kind, options.prompt),
      longText: try OptionStruct.longText(options.long_text, of: "embeddings"),
      role: try OptionStruct.choice(options.role, of: [nil, .query, .document], name: "role"))
  }
}
