import SwiftletJSON

extension SettingsReader {
  /// Reads the `normalizer` of a `tokenizer.json`.
  mutating func normalization() throws(TokenizerError) -> Normalization {
    let normalization = try normalizer()
    try checkGrowth(of: normalization.steps)
    return normalization
  }

  private mutating func normalizer() throws(TokenizerError) -> Normalization {
    if try null() { return .bert(.none) }
    var section = NormalizerSection()
    try object { reader, key throws(TokenizerError) in
      if key == "normalizers" {
        try reader.array { reader throws(TokenizerError) in
          section.parts.append(try reader.normalizer())
        }
      } else {
        try section.readKey(key, &reader)
      }
    }
    return try section.normalization(path: path)
  }

  /// Bounds the growth of a text: a file of a few lines could otherwise double it many times.
  private func checkGrowth(of steps: [NormalizationStep]) throws(TokenizerError) {
    var growth = NormalizerGrowth()
    for step in steps { growth.add(step) }
    guard growth.factor <= Self.maxGrowth, growth.prepended <= Self.maxPrepended else {
      throw .invalidValue(
        path: path, key: "normalizer",
        found: "one that makes text up to \(growth.factor) times as long and \(growth.prepended) "
          + "characters longer",
        expected: "at most \(Self.maxGrowth) times and \(Self.maxPrepended) characters")
    }
  }

  private static let maxGrowth = 256
  private static let maxPrepended = 4096
}

/// A bound on the growth of a text, in scalars.
private struct NormalizerGrowth {
  private(set) var factor = 1
  private(set) var prepended = 0
  /// Steps that do not grow the text a second time, because the first left nothing to replace.
  private var done: Set<String> = []

  mutating func add(_ step: NormalizationStep) {
    switch step {
    case .cleanText, .removeNonspacingMarks, .removeMarks, .strip: break
    case .isolateChinese: grow(by: 3, nil)
    // İ lower-cases to two scalars.
    case .lowercase: grow(by: 2, "case")
    // The longest decompositions: that of U+FDFA, and three marks on a letter; 18 after both.
    case .unicode(let form) where form.isCompatible:
      grow(by: done.contains("canonical") ? 5 : 18, "compatible")
      done.insert("canonical")
    case .unicode: grow(by: 4, "canonical")
    case .replace(let pattern, let content):
      bring(content)
      if content.count > pattern.count {
        grow(by: (content.count + pattern.count - 1) / pattern.count, nil)
      }
    case .prepend(let text):
      bring(text)
      prepended += text.count
    }
  }

  /// Inserted text may contain what an earlier step replaces, except if it is ASCII.
  private mutating func bring(_ text: [UInt32]) {
    if text.contains(where: { $0 >= 128 }) { done = [] }
  }

  private mutating func grow(by factor: Int, _ step: String?) {
    if let step, !done.insert(step).inserted { return }
    let product = self.factor.multipliedReportingOverflow(by: factor)
    self.factor = product.overflow ? .max : product.partialValue
  }
}

/// The keys of a normalizer's object.
private struct NormalizerSection {
  var parts: [Normalization] = []
  private var type: String?
  private var bert = BertNormalization()
  private var strip = (left: true, right: true)
  private var pattern: String?
  private var content: String?
  private var prepended: String?

  mutating func readKey(_ key: JSONString, _ reader: inout SettingsReader) throws(TokenizerError) {
    switch key {
    case "type": type = try reader.string()
    case "clean_text": bert.cleansText = try reader.bool()
    case "handle_chinese_chars": bert.isolatesChinese = try reader.bool()
    case "strip_accents": bert.stripsAccents = try reader.null() ? nil : reader.bool()
    case "lowercase": bert.lowercases = try reader.bool()
    case "strip_left": strip.left = try reader.bool()
    case "strip_right": strip.right = try reader.bool()
    case "pattern": try readPattern(&reader)
    case "content": content = try reader.string()
    case "prepend": prepended = try reader.string()
    default: try reader.skip()
    }
  }

  /// Reads `{"String": "a"}`; a regular expression is an error.
  private mutating func readPattern(_ reader: inout SettingsReader) throws(TokenizerError) {
    var pattern: String?
    try reader.object { reader, key throws(TokenizerError) in
      guard key == "String" else {
        throw .unsupported(
          path: reader.path, part: "pattern of Replace", found: key.string, supported: "String")
      }
      pattern = try reader.string()
    }
    self.pattern = pattern
  }

  func normalization(path: String) throws(TokenizerError) -> Normalization {
    switch type {
    case "BertNormalizer": return .bert(bert)
    case "Sequence": return parts.count == 1 ? parts[0] : .steps(parts.flatMap(\.steps))
    case "Lowercase": return .steps([.lowercase])
    case "StripAccents": return .steps([.removeMarks])
    case "Strip": return .steps([.strip(left: strip.left, right: strip.right)])
    case "Replace": return .steps([try replacement(path: path)])
    case "Prepend":
      guard let prepended else { throw .missingKey(path: path, key: "prepend of Prepend") }
      return .steps([.prepend(prepended.unicodeScalars.map(\.value))])
    default: break
    }
    if let form = type.flatMap(UnicodeForm.init) { return .steps([.unicode(form)]) }
    throw .unsupported(
      path: path,
      part: "normalizer",
      found: type ?? "(none given)",
      supported: "BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Prepend, Replace, Strip, "
        + "StripAccents, and a Sequence of these"
    )
  }

  private func replacement(path: String) throws(TokenizerError) -> NormalizationStep {
    guard let pattern else { throw .missingKey(path: path, key: "pattern of Replace") }
    guard let content else { throw .missingKey(path: path, key: "content of Replace") }
    guard !pattern.isEmpty else {
      throw .invalidValue(
        path: path, key: "pattern of Replace", found: "empty", expected: "a text to replace")
    }
    return .replace(
      pattern: pattern.unicodeScalars.map(\.value), content: content.unicodeScalars.map(\.value))
  }
}
