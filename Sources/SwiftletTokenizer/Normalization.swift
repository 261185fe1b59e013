/// One pass over the text; a normalizer is some of these in order.
enum NormalizationStep: Sendable, Equatable {
  /// Removes control characters, turns every white space into U+0020.
  case cleanText
  /// Puts a space on both sides of every Chinese character.
  case isolateChinese
  /// One of Unicode's normalization forms.
  case unicode(UnicodeForm)
  /// Removes non-spacing marks, as BERT's accent stripping does after decomposing.
  case removeNonspacingMarks
  /// Removes all marks: the normalizer called `StripAccents`, which doesn't decompose.
  case removeMarks
  /// Scalar by scalar, so that a final sigma stays `σ`.
  case lowercase
  /// Removes white space at the ends.
  case strip(left: Bool, right: Bool)
  /// Puts one text in place of another wherever that occurs.
  case replace(pattern: [UInt32], content: [UInt32])
  /// Puts a text before any that is not empty.
  case prepend([UInt32])
}

/// Unicode's normalization forms, by the names that a `tokenizer.json` has for them.
enum UnicodeForm: String, Sendable, CaseIterable {
  case nfd = "NFD"
  case nfkd = "NFKD"
  case nfc = "NFC"
  case nfkc = "NFKC"

  var isCompatible: Bool { self == .nfkd || self == .nfkc }
  var composes: Bool { self == .nfc || self == .nfkc }
}

/// The switches of `BertNormalizer`.
struct BertNormalization: Sendable, Equatable {
  var cleansText = true
  var isolatesChinese = true
  /// nil: as `lowercases`.
  var stripsAccents: Bool?
  var lowercases = true

  /// What none of the switches does: the text stays as it is.
  static let none = BertNormalization(
    cleansText: false,
    isolatesChinese: false,
    stripsAccents: false,
    lowercases: false
  )

  var effectivelyStripsAccents: Bool { stripsAccents ?? lowercases }

  var steps: [NormalizationStep] {
    var steps: [NormalizationStep] = []
    if cleansText { steps.append(.cleanText) }
    if isolatesChinese { steps.append(.isolateChinese) }
    if effectivelyStripsAccents { steps += [.unicode(.nfd), .removeNonspacingMarks] }
    if lowercases { steps.append(.lowercase) }
    return steps
  }
}

/// What happens to a text before it is cut into words.
enum Normalization: Sendable, Equatable {
  /// One `BertNormalizer` or none: done scalar by scalar while words are scanned.
  case bert(BertNormalization)
  /// Anything else: done step by step over the whole text.
  case steps([NormalizationStep])

  /// The same of a lower-cased text; one that lower-cases by a step of its own stays as it is.
  var lowercasedFirst: Normalization {
    if case .steps(let steps) = self, steps.contains(.lowercase) { return self }
    return .steps([.lowercase] + steps)
  }

  var steps: [NormalizationStep] {
    switch self {
    case .bert(let bert): bert.steps
    case .steps(let steps): steps
    }
  }
}
