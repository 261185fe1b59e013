#if Server
import SwiftletEncoder
import SwiftletTokenizer

/// An input as the engine takes it.
struct PreparedInput: Sendable {
  var sequence: TokenSequence
  /// Unicode scalars of the text, or texts, that came.
  var characters: Int
  /// Whether not all of the text is in the sequence.
  var isTruncated = false
  /// Tokenizing took that long.
  var time: Duration
}

/// What is done with texts that are too long.
struct LengthRule: Sendable {
  var truncates: Bool
  /// Where they are cut.
  var side: TextSide
}

extension ServedModel {
  /// No text of more Unicode scalars than that for each token is looked at in full: what lies behind
  /// could hardly be among the tokens that the model takes.
  static let scalarsPerToken = 250

  /// Tokens of a text or of a pair, checked and cut.
  ///
  /// - Throws: ``ServerError`` if it is empty, too long though nothing may be cut, or makes tokens for
  ///   which the model has no embedding.
  func prepare(
    _ text: String, pair: String? = nil, prompt: String = "", _ rule: LengthRule
  ) throws(ServerError) -> PreparedInput {
    let start = ContinuousClock.now
    guard !text.isEmpty || pair?.isEmpty == false else { throw .emptyInput() }
    var characters = text.unicodeScalars.count
    let first = try bounded(prompt + text, rule)
    let second = try pair.map { (pair) throws(ServerError) in
      characters += pair.unicodeScalars.count
      return try bounded(pair, rule)
    }
    let (sequence, isCut) = try sequence(of: first.text, pair: second?.text, isSpecial: true, rule)
    return PreparedInput(
      sequence: sequence, characters: characters,
      isTruncated: isCut || first.isCut || second?.isCut == true,
      time: ContinuousClock.now - start)
  }

  /// The same for ids that a client has: as text-embeddings-inference, they are made a text, whose
  /// tokens get no special ones around them; with a prompt, it is a text like any other.
  func prepare(
    ids: [Int], prompt: String = "", _ rule: LengthRule
  ) throws(ServerError) -> PreparedInput {
    let start = ContinuousClock.now
    guard !ids.isEmpty else { throw .emptyInput("input_ids") }
    let ids = try ids.map(checkedID)
    guard prompt.isEmpty else {
      let text = tokenizer.decode(ids, skipSpecialTokens: true)
      return try prepare(text, prompt: prompt, rule)
    }
    let text = tokenizer.decode(ids, skipSpecialTokens: false)
    guard !text.isEmpty else { throw .emptyInput() }
    let whole = try bounded(text, rule)
    let (sequence, isCut) = try sequence(of: whole.text, pair: nil, isSpecial: false, rule)
    return PreparedInput(
      sequence: sequence, characters: text.unicodeScalars.count,
      isTruncated: isCut || whole.isCut, time: ContinuousClock.now - start)
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
      throw .invalid("this model leaves prompts out of its pooling, which is not supported")
    }
    return prompt
  }

  private func checkedID(_ id: Int) throws(ServerError) -> Int32 {
    guard let value = Int32(exactly: id), tokenizer.token(for: value) != nil else {
      throw .invalid("the vocabulary has no token with the id \(id)")
    }
    return value
  }

  /// A text cut to what can matter, and whether anything was cut off.
  func bounded(
    _ text: String, _ rule: LengthRule
  ) throws(ServerError) -> (text: String, isCut: Bool) {
    let limit = maximumInputLength * Self.scalarsPerToken
    // No text has more scalars than bytes.
    guard text.utf8.count > limit else { return (text, false) }
    let scalars = text.unicodeScalars
    let count = scalars.count
    guard count > limit else { return (text, false) }
    guard rule.truncates else { throw .tooManyCharacters(count, maximum: limit) }
    return switch rule.side {
    case .right: (String(scalars.prefix(limit)), true)
    case .left: (String(scalars.suffix(limit)), true)
    }
  }

  private func sequence(
    of text: String, pair: String?, isSpecial: Bool, _ rule: LengthRule
  ) throws(ServerError) -> (TokenSequence, isCut: Bool) {
    let count: Int
    let sequence: TokenSequence
    if pair == nil, isSpecial, rule.side == .right, !tokenizer.typesSingleTexts {
      // The short way: no offsets, no types.
      var ids: [Int32] = []
      ids.reserveCapacity(64)
      count = tokenizer.encode(text, into: &ids, maxLength: maximumInputLength)
      sequence = TokenSequence(ids: ids)
    } else {
      let encoding = tokenizer.encode(
        text, pair: pair,
        options: EncodingOptions(
          maxLength: maximumInputLength, truncationSide: rule.side, addSpecialTokens: isSpecial))
      count = encoding.tokenCountBeforeTruncation
      sequence = TokenSequence(
        ids: encoding.inputIDs, typeIDs: tokenizer.modelTypeIDs(of: encoding))
    }
    guard rule.truncates || count <= maximumInputLength else {
      throw .tooManyTokens(count, maximum: maximumInputLength)
    }
    if let problem = modelConfiguration.problem(with: sequence) { throw Self.error(problem) }
    return (sequence, count > maximumInputLength)
  }

  private static func error(_ problem: SequenceProblem) -> ServerError {
    switch problem {
    case .empty: .emptyInput()
    case .tooLong(let count, let maximum): .tooManyTokens(count, maximum: maximum)
    case .unknownToken(let id, let size):
      .tokenizer(
        "the text has the token \(id), but the model has only \(size) embeddings; vocabulary and "
          + "weights don't belong together")
    case .unevenTypes, .unknownType:
      .tokenizer("the model can't tell the two texts of a pair apart; send single texts")
    }
  }
}
#endif
