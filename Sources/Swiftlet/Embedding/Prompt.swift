/// What is put before a text; the model's prompts are those of sentence-transformers.
public enum Prompt: Sendable, Equatable {
  /// The model's `default_prompt_name`, if it has one.
  case automatic
  /// Nothing.
  case none
  /// One of the model's prompts.
  case named(String)
  /// This text.
  case text(String)
}

/// The prompts of a model, by their names.
struct Prompts: Sendable, Equatable {
  var texts: [String: String] = [:]
  /// Which is put before a text unless another is asked for.
  var defaultName: String?

  /// - Throws: ``SwiftletError/invalidOption(reason:)`` for a name that the model has not.
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
