import SwiftletJSON
import SwiftletTokenizer

/// A text's tokens, ready to be printed.
struct TokenizedText {
  struct Token: Equatable {
    let id: Int32
    let text: String
    /// In Unicode scalars of the text, or of the pair's second text.
    let offsets: Range<Int>
    /// The input of the model: 1 for the second text of a pair, unless the tokenizer has no types.
    let typeID: Int32
  }

  let tokens: [Token]
  let isPair: Bool
  let isTruncated: Bool

  init(_ encoding: Encoding, of text: String, pair: String?, tokenizer: Tokenizer) {
    let offsets = encoding.offsets(in: .unicodeScalars, of: text, pair: pair)
    tokens = encoding.ids.indices.map { index in
      Token(
        id: encoding.ids[index], text: tokenizer.token(for: encoding.ids[index]) ?? "",
        offsets: offsets[index],
        typeID: tokenizer.modelUsesTypeIDs ? encoding.typeIDs[index] : 0)
    }
    isPair = pair != nil
    isTruncated = encoding.isTruncated
  }

  init(tokens: [Token], isPair: Bool, isTruncated: Bool) {
    self.tokens = tokens
    self.isPair = isPair
    self.isTruncated = isTruncated
  }

  /// `{"ids":[…],"tokens":[…],"offsets":[[0,5],…]}`, with `type_ids` for a pair.
  var json: JSONValue {
    let offsets = tokens.map { token in
      JSONValue.array([.int(token.offsets.lowerBound), .int(token.offsets.upperBound)])
    }
    var members: [JSONValue.Member] = [
      ("ids", .array(tokens.map { .int(Int($0.id)) })),
      ("tokens", .array(tokens.map { .string($0.text) })),
      ("offsets", .array(offsets)),
    ]
    if isPair { members.append(("type_ids", .array(tokens.map { .int(Int($0.typeID)) }))) }
    if isTruncated { members.append(("truncated", .bool(true))) }
    return .object(members)
  }
}

/// Prints tokens as tables, one for each text.
struct TokenPrinter {
  let tokenizer: Tokenizer
  let terminal: Terminal

  /// A table, with an empty line before all but the first.
  func table(_ text: TokenizedText, record: Int) -> [UInt8] {
    Array(((record > 1 ? "\n" : "") + Self.table(text, terminal: terminal)).utf8)
  }

  static func table(_ text: TokenizedText, terminal: Terminal) -> String {
    let titles = ["token", "id", "start", "end"] + (text.isPair ? ["text"] : [])
    var grid = TextGrid(alignments: [.left] + titles.dropFirst().map { _ in .right })
    grid.add(titles)
    for token in text.tokens {
      let offsets = [String(token.offsets.lowerBound), String(token.offsets.upperBound)]
      grid.add(
        [token.text, String(token.id)] + offsets + (text.isPair ? [String(token.typeID + 1)] : []))
    }
    return grid.text(on: terminal) + (text.isTruncated ? "(cut)\n" : "")
  }
}
