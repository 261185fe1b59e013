/// The prompt that is prepended to a text, as in sentence-transformers.
public enum Prompt: Sendable, Equatable {
  /// The model's default prompt (`default_prompt_name`), if it has one.
  case automatic
  /// No prompt.
  case none
  /// The model's prompt with this name.
  case named(String)
  /// This text.
  case text(String)
}

/// The prompts of a model, by name.
struct Prompts: Sendable, Equatable {
  var texts: [String: String] = [:]
  /// The name of the default prompt.
  var defaultName: String?

  /// Returns the text of a prompt.
  ///
  /// - Throws: ``SwiftletError/invalidOption(reason:)`` for an unknown name.
  func text(_ prompt: Prompt) throws(SwiftletError) -> String {
    switch prompt {
    case .none: return ""
    case .automatic: return defaultName.flatMap { texts[$0] } ?? ""
    case .text(let text): return text
    case .named(let name):
      guard let text = texts[name] else {
        let known = texts.keys.sorted().joined(separator: ", ")
        throw .invalidOption(
          reason: "the model has no prompt \"\(name)\"; it has "
            + (known.isEmpty ? "none" : known))
      }
      return text
    }
  }
}
