import SwiftletJSON

extension SettingsReader {
  /// Reads the `post_processor` of a `tokenizer.json`.
  mutating func template() throws(TokenizerError) -> Template {
    if try null() { return .plain }
    var section = TemplateSection()
    try object { reader, key throws(TokenizerError) in
      try section.readKey(key, &reader)
    }
    return try section.template(path: path)
  }
}

/// The keys of a post-processor's object; pieces name special tokens, whose ids are in another key.
private struct TemplateSection {
  enum Piece {
    case special(String, typeID: Int32)
    case sequence(String, typeID: Int32)
  }

  private var type: String?
  private var single: [Piece] = []
  private var pair: [Piece] = []
  private var specials: [String: [Int32]] = [:]
  private var cls: Int32?
  private var sep: Int32?

  mutating func readKey(_ key: JSONString, _ reader: inout SettingsReader) throws(TokenizerError) {
    switch key {
    case "type": type = try reader.string()
    case "single": single = try Self.pieces(&reader)
    case "pair": pair = try Self.pieces(&reader)
    case "special_tokens": try readSpecials(&reader)
    case "cls" where try reader.kind() == .array: cls = try Self.idInPair(&reader)
    case "sep" where try reader.kind() == .array: sep = try Self.idInPair(&reader)
    default: try reader.skip()
    }
  }

  private static func pieces(_ reader: inout SettingsReader) throws(TokenizerError) -> [Piece] {
    var pieces: [Piece] = []
    try reader.array { reader throws(TokenizerError) in
      try reader.object { reader, key throws(TokenizerError) in
        switch key {
        case "SpecialToken":
          let (id, typeID) = try Self.piece(&reader)
          pieces.append(.special(id, typeID: typeID))
        case "Sequence":
          let (id, typeID) = try Self.piece(&reader)
          pieces.append(.sequence(id, typeID: typeID))
        default:
          throw .unsupported(
            path: reader.path,
            part: "piece of a template",
            found: key.string,
            supported: "SpecialToken, Sequence"
          )
        }
      }
    }
    return pieces
  }

  private static func piece(
    _ reader: inout SettingsReader
  ) throws(TokenizerError) -> (id: String, typeID: Int32) {
    var id: String?
    var typeID: Int32 = 0
    try reader.object { reader, key throws(TokenizerError) in
      switch key {
      case "id": id = try reader.string()
      case "type_id": typeID = try reader.id(of: "type_id")
      default: try reader.skip()
      }
    }
    guard let id else { throw .missingKey(path: reader.path, key: "id of a template's piece") }
    return (id, typeID)
  }

  private mutating func readSpecials(_ reader: inout SettingsReader) throws(TokenizerError) {
    var specials: [String: [Int32]] = [:]
    try reader.object { reader, key throws(TokenizerError) in
      let name = key.string
      var ids: [Int32] = []
      try reader.object { reader, key throws(TokenizerError) in
        guard key == "ids" else { return try reader.skip() }
        try reader.array { reader throws(TokenizerError) in ids.append(try reader.id(of: name)) }
      }
      specials[name] = ids
    }
    self.specials = specials
  }

  /// Reads the id in `["[SEP]", 102]`.
  private static func idInPair(_ reader: inout SettingsReader) throws(TokenizerError) -> Int32? {
    var id: Int32?
    try reader.array { reader throws(TokenizerError) in
      if try reader.kind() == .number {
        id = try reader.id(of: "post_processor")
      } else {
        try reader.skip()
      }
    }
    return id
  }

  func template(path: String) throws(TokenizerError) -> Template {
    switch type {
    case "TemplateProcessing":
      return Template(
        single: try resolve(single, path, allowsSecond: false),
        pair: try resolve(pair, path, allowsSecond: true)
      )
    case "BertProcessing":
      guard let cls else { throw .missingKey(path: path, key: "cls of BertProcessing") }
      guard let sep else { throw .missingKey(path: path, key: "sep of BertProcessing") }
      return .bert(cls: cls, sep: sep)
    default:
      throw .unsupported(
        path: path,
        part: "post-processor",
        found: type ?? "(none given)",
        supported: "TemplateProcessing, BertProcessing"
      )
    }
  }

  private func resolve(
    _ pieces: [Piece], _ path: String, allowsSecond: Bool
  ) throws(TokenizerError) -> [Template.Piece] {
    var resolved: [Template.Piece] = []
    var names: Set<String> = []
    for piece in pieces {
      if case .sequence(let name, _) = piece, !names.insert(name).inserted {
        throw .unsupported(
          path: path, part: "template with", found: "\(name) twice", supported: "each text once")
      }
      switch piece {
      case .sequence("A", let typeID): resolved.append(.first(typeID: typeID))
      case .sequence("B", let typeID) where allowsSecond: resolved.append(.second(typeID: typeID))
      case .sequence(let name, _):
        throw .invalidValue(
          path: path,
          key: "Sequence",
          found: name,
          expected: allowsSecond ? "A or B" : "A, in the template for a single text"
        )
      case .special(let name, let typeID):
        guard let ids = specials[name] else {
          throw .missingKey(path: path, key: "special_tokens.\(name)")
        }
        resolved.append(.special(ids: ids, typeID: typeID))
      }
    }
    try checkSpecials(resolved, path)
    return resolved
  }

  /// Bounds the number of special tokens, so that a hostile template can't fill the memory.
  private func checkSpecials(_ pieces: [Template.Piece], _ path: String) throws(TokenizerError) {
    let count = pieces.reduce(0) { count, piece in
      if case .special(let ids, _) = piece { min(count + ids.count, 1 << 30) } else { count }
    }
    guard count <= Self.maxSpecialTokens else {
      throw .invalidValue(
        path: path, key: "post_processor", found: "a template with \(count) special tokens",
        expected: "at most \(Self.maxSpecialTokens)")
    }
  }

  private static let maxSpecialTokens = 512
}
