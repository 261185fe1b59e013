extension Tokenizer {
  /// Encodes a text or a pair of texts.
  ///
  /// Any text has an encoding: a word that the vocabulary can't spell becomes `[UNK]`. The time is
  /// linear in the length of the text, even for very long words.
  public func encode(
    _ text: String, pair: String? = nil, options: EncodingOptions = EncodingOptions()
  ) -> Encoding {
    let texts = TokenizedTexts(text, pair, core, addSpecialTokens: options.addSpecialTokens)
    return padded(texts.encoding(options), options)
  }

  /// Encodes texts given as words; see ``encode(_:pair:options:)``.
  ///
  /// Offsets are relative to each word, and ``Encoding/wordIDs`` are indices of the given words.
  public func encode(
    words: [String], pair: [String]? = nil, options: EncodingOptions = EncodingOptions()
  ) -> Encoding {
    let texts = TokenizedTexts(
      words: words, pair: pair, core, addSpecialTokens: options.addSpecialTokens)
    return padded(texts.encoding(options), options)
  }

  private func padded(_ encoding: consuming Encoding, _ options: EncodingOptions) -> Encoding {
    guard let padding = options.padding else { return encoding }
    encoding.pad(to: padding.target(longest: encoding.count), padding)
    return encoding
  }

  /// Appends the ids of a text with special tokens to `ids`, for an engine that packs batches.
  ///
  /// Allocates nothing per token, and nothing at all if `ids` has the capacity. Appends at most
  /// `maxLength` ids, which equal those of ``encode(_:pair:options:)``.
  /// - Returns: The number of tokens before truncation.
  @discardableResult
  public func encode(_ text: String, into ids: inout [Int32], maxLength: Int? = nil) -> Int {
    let pieces = core.template.single
    let room = max(max(maxLength ?? .max, 0) - Template.specialCount(pieces), 0)
    let start = ids.count
    var total = 0
    for piece in pieces {
      switch piece {
      case .special(let special, _):
        ids.append(contentsOf: special)
        total += special.count
      case .first, .second:
        var taken: [Int32] = []
        swap(&taken, &ids)
        let sink = core.tokenize(text, into: IDSink(appendingTo: taken, limit: room))
        total += sink.count
        ids = sink.ids
      }
    }
    if let maxLength, ids.count - start > max(maxLength, 0) {
      ids.removeLast(ids.count - start - max(maxLength, 0))
    }
    return total
  }

  /// Appends the ids of a pair of texts with special tokens to `ids`; returns the number of tokens
  /// before truncation.
  @discardableResult
  public func encode(
    _ text: String,
    pair: String,
    into ids: inout [Int32],
    maxLength: Int? = nil,
    truncation: TruncationStrategy = .longestFirst
  ) -> Int {
    let first = core.tokenize(text, into: IDSink(appendingTo: [], limit: .max)).ids
    let second = core.tokenize(pair, into: IDSink(appendingTo: [], limit: .max)).ids
    let specials = Template.specialCount(core.template.pair)
    let options = EncodingOptions(maxLength: maxLength, truncation: truncation)
    let kept = options.kept(first.count, second.count, specials: specials)
    let start = ids.count
    var total = specials
    for piece in core.template.pair {
      switch piece {
      case .special(let special, _): ids.append(contentsOf: special)
      case .first:
        ids.append(contentsOf: first.prefix(kept.first))
        total += first.count
      case .second:
        ids.append(contentsOf: second.prefix(kept.second))
        total += second.count
      }
    }
    if let maxLength, ids.count - start > max(maxLength, 0) {
      ids.removeLast(ids.count - start - max(maxLength, 0))
    }
    return total
  }
}
