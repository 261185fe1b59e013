/// Everything that a tokenizer knows; immutable, shared by all copies of a ``Tokenizer``.
final class TokenizerCore: Sendable {
  let model: WordPiece
  let added: AddedVocabulary
  let normalization: Normalization
  let template: Template
  let decoding: Decoding
  let special: SpecialIDs
  let modelMaxLength: Int?

  /// Set where the text can be scanned in one pass: BERT's normalizer or none, and no added token
  /// that is looked for in normalized text.
  private let scanner: WordScanner?
  /// Cuts text that is normalized already.
  private let plainScanner = WordScanner(.none)

  init(
    model: WordPiece,
    added: AddedVocabulary,
    normalization: Normalization,
    template: Template,
    decoding: Decoding,
    special: SpecialIDs,
    modelMaxLength: Int?,
    scansInOnePass: Bool = true
  ) {
    self.model = model
    self.added = added
    self.normalization = normalization
    self.template = template
    self.decoding = decoding
    self.special = special
    self.modelMaxLength = modelMaxLength
    if case .bert(let bert) = normalization, added.normalized.isEmpty, scansInOnePass {
      scanner = WordScanner(bert)
    } else {
      scanner = nil
    }
  }

  /// The tokens of one text without special tokens around it, handed to `sink`.
  func tokenize<Sink: TokenSink>(_ text: String, into sink: consuming Sink) -> Sink {
    var collector = WordCollector(model, sink: sink)
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
    return collector.takeSink()
  }

  /// The way over a normalized copy of the text.
  private func tokenizeNormalized<Sink>(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ range: Range<Int>,
    _ words: inout WordCollector<Sink>
  ) {
    let text = NormalizedText(bytes, range, steps: normalization.steps)
    let (utf8, indices) = text.utf8
    utf8.withUnsafeBufferPointer { utf8 in
      added.split(utf8, 0..<utf8.count, with: added.normalized) { range in
        plainScanner.scan(text, indices[range.lowerBound]..<indices[range.upperBound], &words)
      } token: { entry, range in
        let (first, last) = (indices[range.lowerBound], indices[range.upperBound - 1])
        words.sink.append(entry.id, text.starts[first], text.ends[last])
        words.sink.endWord()
      }
    }
  }
}

extension WordScanner {
  /// Hands the words of a stretch of normalized text to `words`.
  func scan<Sink>(
    _ text: NormalizedText,
    _ range: Range<Int>,
    _ words: inout WordCollector<Sink>
  ) {
    for index in range {
      let scalar = text.scalars[index]
      place(scalar, ScalarProperties(of: scalar), text.starts[index], text.ends[index], &words)
    }
    words.finishWord()
  }
}

/// The ids of the tokens that have a role; nil where the vocabulary lacks the token.
struct SpecialIDs: Sendable, Equatable {
  var cls: Int32?
  var sep: Int32?
  var pad: Int32?
  var mask: Int32?
  var unk: Int32
}

/// How ids become text again.
enum Decoding: Sendable, Equatable {
  case wordPiece(prefix: [UInt8], cleansUp: Bool)
  /// Tokens with a space between them.
  case joined
}
