import SwiftletJSON

extension Tokenizer {
  /// The tokenizer as a `tokenizer.json` in the format of the package `tokenizers` 0.23; nil unless
  /// it has the steps of BERT's class, as every tokenizer of a `vocab.txt` has.
  package func json() -> [UInt8]? {
    guard case .bert(let normalization) = core.normalization, core.preTokenizers == [.bert],
      case .wordPiece(let prefix, let cleansUp) = core.decoding,
      let postProcessor = core.template.json(token(for:))
    else { return nil }
    let text = { (bytes: [UInt8]) in JSONValue.string(String(decoding: bytes, as: UTF8.self)) }
    let members: [JSONValue.Member] = [
      ("version", .string("1.0")), ("truncation", .null), ("padding", .null),
      ("added_tokens", .array(core.added.entries.sorted { $0.id < $1.id }.map(\.json))),
      ("normalizer", normalization.json),
      ("pre_tokenizer", .object([("type", .string("BertPreTokenizer"))])),
      ("post_processor", postProcessor),
      (
        "decoder",
        .object([
          ("type", .string("WordPiece")), ("prefix", text(prefix)), ("cleanup", .bool(cleansUp)),
        ])
      ),
      ("model", model(unknown: token(for: core.model.unknownID) ?? "")),
    ]
    return JSONValue.object(members).document
  }

  private func model(unknown: String) -> JSONValue {
    let model = core.model
    let vocabulary = model.vocabulary.entries.compactMap { entry in
      model.vocabulary.bytes(of: entry.id).map {
        (String(decoding: $0, as: UTF8.self), JSONValue.int(Int(entry.id)))
      }
    }
    return .object([
      ("type", .string("WordPiece")), ("unk_token", .string(unknown)),
      (
        "continuing_subword_prefix",
        .string(String(decoding: model.continuingPrefix, as: UTF8.self))
      ),
      ("max_input_chars_per_word", .int(model.maxWordLength)), ("vocab", .object(vocabulary)),
    ])
  }
}

extension AddedVocabulary.Entry {
  fileprivate var json: JSONValue {
    .object([
      ("id", .int(Int(id))), ("content", .string(String(decoding: token.content, as: UTF8.self))),
      ("single_word", .bool(token.isSingleWord)), ("lstrip", .bool(token.stripsLeft)),
      ("rstrip", .bool(token.stripsRight)), ("normalized", .bool(token.isNormalized)),
      ("special", .bool(token.isSpecial)),
    ])
  }
}

extension BertNormalization {
  fileprivate var json: JSONValue {
    .object([
      ("type", .string("BertNormalizer")), ("clean_text", .bool(cleansText)),
      ("handle_chinese_chars", .bool(isolatesChinese)),
      ("strip_accents", stripsAccents.map(JSONValue.bool) ?? .null),
      ("lowercase", .bool(lowercases)),
    ])
  }
}

extension Template {
  /// A `TemplateProcessing`; nil if a piece has several special tokens, or one without a name.
  fileprivate func json(_ name: (Int32) -> String?) -> JSONValue? {
    var ids: [Int32] = []
    for case .special(let piece, _) in single + pair {
      guard piece.count == 1 else { return nil }
      if !ids.contains(piece[0]) { ids.append(piece[0]) }
    }
    let names = ids.compactMap(name)
    guard names.count == ids.count else { return nil }
    let known = Dictionary(zip(ids, names), uniquingKeysWith: { first, _ in first })
    let tokens = zip(ids, names).map { id, name in
      let token: [JSONValue.Member] = [
        ("id", .string(name)), ("ids", .array([.int(Int(id))])),
        ("tokens", .array([.string(name)])),
      ]
      return (name, JSONValue.object(token))
    }
    return .object([
      ("type", .string("TemplateProcessing")),
      ("single", .array(single.map { $0.json(known) })),
      ("pair", .array(pair.map { $0.json(known) })), ("special_tokens", .object(tokens)),
    ])
  }
}

extension Template.Piece {
  fileprivate func json(_ names: [Int32: String]) -> JSONValue {
    let (kind, id) =
      switch self {
      case .special(let ids, _): ("SpecialToken", names[ids[0]] ?? "")
      case .first: ("Sequence", "A")
      case .second: ("Sequence", "B")
      }
    return .object([
      (kind, .object([("id", .string(id)), ("type_id", .int(Int(typeID)))]))
    ])
  }
}
