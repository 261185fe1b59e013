#if Server
import Swiftlet
import SwiftletEncoder
import SwiftletTokenizer

/// An input for the engine.
struct EncodedInput: Sendable {
  var sequence: TokenSequence
  /// Unicode scalars of the client's texts.
  var characters: Int
  /// Whether the sequence lacks a part of the text.
  var isTruncated: Bool
  /// The duration of the encoding.
  var time: Duration
}

extension ServedModel {
  /// Texts are clipped before tokenization to this number of Unicode scalars for each token that
  /// the model takes. What lies behind could hardly be among the tokens.
  static let scalarsPerToken = 250

  /// Encodes a text or a pair, checked and truncated.
  ///
  /// - Throws: ``ServerError`` if it is empty, if it is too long and must not be truncated, or if
  ///   the model has no embedding for one of its tokens.
  func encode(
    _ text: String, pair: String? = nil, prompt: String = "", _ policy: TruncationPolicy
  ) throws(ServerError) -> EncodedInput {
    let start = ContinuousClock.now
    guard !text.isEmpty || pair?.isEmpty == false else { throw .emptyInput() }
    var characters = text.unicodeScalars.count
    let first = try clipped(prompt + text, policy)
    let second = try pair.map { (pair) throws(ServerError) in
      characters += pair.unicodeScalars.count
      return try clipped(pair, policy)
    }
    let encoded = try encoded(first.text, pair: second?.text, policy)
    return EncodedInput(
      sequence: encoded.sequence, characters: characters,
      isTruncated: encoded.isTruncated || first.isCut || second?.isCut == true,
      time: ContinuousClock.now - start)
  }

  /// Decodes a client's ids and encodes the text, as text-embeddings-inference does. Without a
  /// prompt, no special tokens are added.
  func encode(
    ids: [Int], prompt: String = "", _ policy: TruncationPolicy
  ) throws(ServerError) -> EncodedInput {
    let start = ContinuousClock.now
    guard !ids.isEmpty else { throw .emptyInput("input_ids") }
    let ids = try ids.map(checkedID)
    guard prompt.isEmpty else {
      let text = tokenizer.decode(ids, skipSpecialTokens: true)
      return try encode(text, prompt: prompt, policy)
    }
    let text = tokenizer.decode(ids, skipSpecialTokens: false)
    guard !text.isEmpty else { throw .emptyInput() }
    let whole = try clipped(text, policy)
    let encoded = try encoded(whole.text, policy, addSpecialTokens: false)
    return EncodedInput(
      sequence: encoded.sequence, characters: text.unicodeScalars.count,
      isTruncated: encoded.isTruncated || whole.isCut, time: ContinuousClock.now - start)
  }

  /// The prompt of that name, or the default one.
  func prompt(named name: String?) throws(ServerError) -> String {
    guard let name else { return texts.defaultPrompt }
    guard let prompt = texts.prompts[name] else {
      throw .invalid(
        "the model has no prompt `\(name.prefix(64))`; "
          + "it has \(EmbeddingTexts.list(texts.prompts))")
    }
    guard texts.takesPrompts || prompt.isEmpty else {
      throw .invalid("this model excludes prompts from its pooling, which is not supported")
    }
    return prompt
  }

  private func checkedID(_ id: Int) throws(ServerError) -> Int32 {
    guard let value = Int32(exactly: id), tokenizer.token(for: value) != nil else {
      throw .invalid("the vocabulary has no token with the id \(id)")
    }
    return value
  }

  /// Clips a text beyond the length that can matter, and returns whether it did.
  func clipped(
    _ text: String, _ policy: TruncationPolicy
  ) throws(ServerError) -> (text: String, isCut: Bool) {
    let limit = maxInputLength * Self.scalarsPerToken
    // No text has more scalars than bytes.
    guard text.utf8.count > limit else { return (text, false) }
    let scalars = text.unicodeScalars
    let count = scalars.count
    guard count > limit else { return (text, false) }
    guard policy.truncates else { throw .tooManyCharacters(count, maximum: limit) }
    return switch policy.side {
    case .right: (String(scalars.prefix(limit)), true)
    case .left: (String(scalars.suffix(limit)), true)
    }
  }

  private func encoded(
    _ text: String, pair: String? = nil, _ policy: TruncationPolicy, addSpecialTokens: Bool = true
  ) throws(ServerError) -> EncodedText {
    do throws(TextProblem) {
      return try encoder.encode(text, pair: pair, policy, addSpecialTokens: addSpecialTokens)
    } catch {
      throw ServerError(error)
    }
  }
}

extension ServerError {
  fileprivate init(_ problem: TextProblem) {
    switch problem {
    case .noTokens: self = .emptyInput()
    case .tooLong(let count, let maximum): self = .tooManyTokens(count, maximum: maximum)
    case .unknownToken(let id, let size):
      self = .tokenizer(
        "the text has the token \(id), but the model has only \(size) embeddings; the "
          + "vocabulary and the weights do not match")
    case .unknownTokenType:
      self = .tokenizer(
        "the model has no token type for the second text of a pair; send single texts")
    case .emptyQuestion, .questionTooLong, .noMask, .noRoomForWindows: self = .invalid("\(problem)")
    }
  }
}
#endif
