/// One pass over the text; a normalizer is a sequence of steps.
enum NormalizationStep: Sendable, Equatable {
  /// Removes control characters and replaces white space by U+0020.
  case cleanText
  /// Inserts a space on both sides of every Chinese character.
  case isolateChinese
  /// One of Unicode's normalization forms.
  case unicode(UnicodeForm)
  /// Removes non-spacing marks, as BERT's accent stripping does after decomposition.
  case removeNonspacingMarks
  /// Removes all marks: the normalizer `StripAccents`, which doesn't decompose.
  case removeMarks
  /// Lower-cases scalar by scalar, so a final sigma stays `σ`.
  case lowercase
  /// Removes white space at the ends.
  case strip(left: Bool, right: Bool)
  /// Replaces every occurrence of a text.
  case replace(pattern: [UInt32], content: [UInt32])
  /// Inserts a text at the beginning unless the input is empty.
  case prepend([UInt32])
}

/// Unicode's normalization forms; the raw values are the names in `tokenizer.json`.
enum UnicodeForm: String, Sendable, CaseIterable {
  case nfd = "NFD"
  case nfkd = "NFKD"
  case nfc = "NFC"
  case nfkc = "NFKC"

  var isCompatible: Bool { self == .nfkd || self == .nfkc }
  var composes: Bool { self == .nfc || self == .nfkc }
}

/// The options of `BertNormalizer`.
struct BertNormalization: Sendable, Equatable {
  var cleansText = true
  var isolatesChinese = true
  /// nil for the value of `lowercases`.
  var stripsAccents: Bool?
  var lowercases = true

  /// Does not change the text.
  static let none = BertNormalization(
    cleansText: false, isolatesChinese: false, stripsAccents: false, lowercases: false)

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

/// The normalizer, which runs before the text is split into words.
enum Normalization: Sendable, Equatable {
  /// One `BertNormalizer` or none; runs scalar by scalar while words are scanned.
  case bert(BertNormalization)
  /// Any other normalizer; runs step by step over the whole text.
  case steps([NormalizationStep])

  /// This normalization after lower-casing; unchanged if it already has a step that lower-cases.
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
