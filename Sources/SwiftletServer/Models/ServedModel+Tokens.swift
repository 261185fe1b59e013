#if Server
import Swiftlet
import SwiftletTokenizer

extension ServedModel {
  /// The tokens of a text for `/tokenize`, without truncation.
  ///
  /// - Throws: ``ServerError`` for an empty text and for one of very many characters.
  func tokens(
    of text: String, prompt: String, addSpecialTokens: Bool
  ) throws(ServerError) -> [TokenInfo] {
    guard !text.isEmpty else { throw .emptyInput() }
    let source = try clipped(prompt + text, TruncationPolicy(truncates: false, side: .right)).text
    let bytes = Array(source.utf8)
    let encoding = tokenizer.encode(
      source, options: EncodingOptions(addSpecialTokens: addSpecialTokens))
    return encoding.ids.indices.map { index in
      let id = encoding.ids[index]
      if encoding.specialTokensMask[index] == 1 {
        return TokenInfo(
          id: Int(id), text: tokenizer.token(for: id) ?? "", isSpecial: true, range: nil)
      }
      let range = encoding.offsets[index]
      return TokenInfo(
        id: Int(id), text: String(decoding: bytes[range], as: UTF8.self), isSpecial: false,
        range: range)
    }
  }

  /// The text that ids stand for; ids that the vocabulary lacks are left out.
  func text(of ids: [Int], skipSpecialTokens: Bool) -> String {
    tokenizer.decode(
      ids.lazy.compactMap { Int32(exactly: $0) }, skipSpecialTokens: skipSpecialTokens)
  }
}
#endif
