#if Server
import SwiftletTokenizer

/// What each token of a vocabulary is: the beginning of a word, its continuation, an unknown word,
/// or a special token.
struct PieceKinds: Sendable {
  private enum Kind: UInt8 {
    case special, word, continuation, unknown
  }

  /// The pieces and words of a text, without special tokens.
  struct Counts: Equatable, Sendable {
    var pieces = 0
    var words = 0
    var unknown = 0
  }

  private let kinds: [UInt8]

  init(_ tokenizer: Tokenizer) {
    let maxID = max(tokenizer.maxID, 0)
    kinds = (0...maxID).map { id in
      let kind: Kind =
        if id == tokenizer.unkID {
          .unknown
        } else if tokenizer.isSpecial(id) {
          .special
        } else {
          // WordPiece's mark of a continuation.
          tokenizer.token(for: id)?.hasPrefix("##") == true ? .continuation : .word
        }
      return kind.rawValue
    }
  }

  func counts(_ ids: [Int32]) -> Counts {
    var numbers = (special: 0, word: 0, continuation: 0, unknown: 0)
    for id in ids where kinds.indices.contains(Int(id)) {
      switch kinds[Int(id)] {
      case Kind.word.rawValue: numbers.word += 1
      case Kind.continuation.rawValue: numbers.continuation += 1
      case Kind.unknown.rawValue: numbers.unknown += 1
      default: numbers.special += 1
      }
    }
    let words = numbers.word + numbers.unknown
    return Counts(
      pieces: words + numbers.continuation, words: words, unknown: numbers.unknown)
  }
}
#endif
