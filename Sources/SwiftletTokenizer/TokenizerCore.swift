/// The immutable state that all copies of a ``Tokenizer`` share.
final class TokenizerCore: Sendable {
  let model: WordPiece
  let added: AddedVocabulary
  let normalization: Normalization
  let preTokenizers: [PreTokenizer]
  let template: Template
  let decoding: Decoding
  let special: SpecialIDs
  let modelMaxLength: Int?
  let truncationSide: TextSide
  /// Whether the model takes token types.
  let usesTypeIDs: Bool
  let stored: EncodingOptions
  /// Whether decoding cleans up the whole text by default.
  let cleansUpSpaces: Bool

  /// Set if the text can be scanned in one pass: with BERT's normalizer or none, its pre-tokenizer,
  /// and no added token that is matched in normalized text.
  private let scanner: WordScanner?

  init(
    model: WordPiece,
    added: AddedVocabulary,
    normalization: Normalization,
    preTokenizers: [PreTokenizer] = [.bert],
    template: Template,
    decoding: Decoding,
    special: SpecialIDs,
    modelMaxLength: Int?,
    truncationSide: TextSide = .right,
    usesTypeIDs: Bool = true,
    stored: EncodingOptions = EncodingOptions(),
    cleansUpSpaces: Bool = false,
    scansInOnePass: Bool = true
  ) {
    self.model = model
    self.added = added
    self.normalization = normalization
    self.preTokenizers = preTokenizers
    self.template = template
    self.decoding = decoding
    self.special = special
    self.modelMaxLength = modelMaxLength
    self.truncationSide = truncationSide
    self.usesTypeIDs = usesTypeIDs
    self.stored = stored
    self.cleansUpSpaces = cleansUpSpaces
    if case .bert(let bert) = normalization, preTokenizers == [.bert], added.normalized.isEmpty,
      scansInOnePass
    {
      scanner = WordScanner(bert)
    } else {
      scanner = nil
    }
  }

  /// Appends the tokens of one text, without added special tokens, to `sink`.
  func tokenize<Sink: TokenSink>(_ text: String, into sink: consuming Sink) -> Sink {
    defer { withExtendedLifetime(model.vocabulary) {} }
    var collector = WordCollector(model, sink: sink)
    tokenize(text, &collector)
    return collector.takeSink()
  }

  /// Tokenizes a text given as words.
  func tokenize(words: [String]) -> DetailSink {
    defer { withExtendedLifetime(model.vocabulary) {} }
    var collector = WordCollector(model, sink: DetailSink())
    for (number, word) in words.enumerated() {
      collector.sink.startGivenWord(number)
      tokenize(word, &collector)
    }
    return collector.takeSink()
  }

  private func tokenize<Sink>(_ text: String, _ collector: inout WordCollector<Sink>) {
    var text = text
    text.withUTF8 { bytes in
      added.split(bytes, 0..<bytes.count, with: added.raw) { range in
        if let scanner {
          scanner.scan(bytes, range, &collector)
        } else {
          tokenizeNormalized(bytes, range, &collector)
        }
      } token: { entry, range in
        collector.sink.append(entry.id, range.lowerBound, range.upperBound)
        collector.sink.endWord()
      }
    }
  }

  /// Tokenizes by way of a normalized copy of the text.
  private func tokenizeNormalized<Sink>(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ words: inout WordCollector<Sink>
  ) {
    let text = NormalizedText(bytes, range, steps: normalization.steps)
    let (utf8, indices) = text.utf8
    utf8.withUnsafeBufferPointer { utf8 in
      added.split(utf8, 0..<utf8.count, with: added.normalized) { range in
        let scalars = indices[range.lowerBound]..<indices[range.upperBound]
        for word in PreTokenizer.words(of: text.scalars, scalars, preTokenizers) {
          words.append(text, word)
        }
      } token: { entry, range in
        let (first, last) = (indices[range.lowerBound], indices[range.upperBound - 1])
        words.sink.append(entry.id, text.starts[first], text.ends[last])
        words.sink.endWord()
      }
    }
  }
}

extension WordCollector {
  /// Appends a whole word of a normalized text.
  fileprivate mutating func append(_ text: NormalizedText, _ word: Range<Int>) {
    for index in word { append(text.scalars[index], text.starts[index], text.ends[index]) }
    finishWord()
  }
}

/// The ids of special tokens; nil if the vocabulary lacks the token.
struct SpecialIDs: Sendable, Equatable {
  var cls: Int32?
  var sep: Int32?
  var pad: Int32?
  var mask: Int32?
  var unk: Int32
}

/// The decoder: how tokens are joined to text.
enum Decoding: Sendable, Equatable {
  case wordPiece(prefix: [UInt8], cleansUp: Bool)
  /// Joins tokens with spaces.
  case joined
}
