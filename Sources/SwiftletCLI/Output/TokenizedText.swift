import SwiftletJSON
import SwiftletTokenizer

/// A text's tokens, or those of one of its windows, ready to be printed.
struct TokenizedText: TaskAnswer {
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
  /// The number of the window, from 1; nil for a text that is not split.
  let window: Int?

  init(
    _ encoding: Encoding, of text: String, pair: String?, window: Int?, tokenizer: Tokenizer
  ) {
    let offsets = encoding.offsets(in: .unicodeScalars, of: text, pair: pair)
    tokens = encoding.ids.indices.map { index in
      Token(
        id: encoding.ids[index], text: tokenizer.token(for: encoding.ids[index]) ?? "",
        offsets: offsets[index],
        typeID: tokenizer.modelUsesTypeIDs ? encoding.typeIDs[index] : 0)
    }
    isPair = pair != nil
    isTruncated = encoding.isTruncated
    self.window = window
  }

  init(tokens: [Token], isPair: Bool = false, isTruncated: Bool = false, window: Int? = nil) {
    self.tokens = tokens
    self.isPair = isPair
    self.isTruncated = isTruncated
    self.window = window
  }

  /// `"ids":[…],"tokens":[…],"offsets":[[0,5],…]`, with `window` before them if the text is split, and
  /// `type_ids` for a pair.
  var members: [JSONValue.Member] {
    let offsets = tokens.map { token in
      JSONValue.array([.int(token.offsets.lowerBound), .int(token.offsets.upperBound)])
    }
    var members: [JSONValue.Member] = window.map { [("window", .int($0))] } ?? []
    members += [
      ("ids", .array(tokens.map { .int(Int($0.id)) })),
      ("tokens", .array(tokens.map { .string($0.text) })),
      ("offsets", .array(offsets)),
    ]
    if isPair { members.append(("type_ids", .array(tokens.map { .int(Int($0.typeID)) }))) }
    return members
  }

  /// The columns of a table, which has a row for each token.
  static func columns(hasWindows: Bool, hasPair: Bool) -> AnswerColumns<TokenizedText> {
    let names =
      (hasWindows ? ["window"] : []) + ["token", "token_id", "start", "end"]
      + (hasPair ? ["type_id"] : [])
    return AnswerColumns(names: names) { text in
      let window = hasWindows ? [text.window.map(String.init) ?? ""] : []
      return text.tokens.map { token in
        let fields = [
          token.text, "\(token.id)", "\(token.offsets.lowerBound)", "\(token.offsets.upperBound)",
        ]
        return window + fields + (hasPair ? ["\(token.typeID)"] : [])
      }
    }
  }
}
