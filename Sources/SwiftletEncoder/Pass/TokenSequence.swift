import SwiftletCheckpoint

/// The token ids of a text or a pair, and the text that each belongs to.
package struct TokenSequence: Sendable, Equatable {
  /// Special tokens included; `[CLS]` first where a head reads the first token.
  package var ids: [Int32]
  /// The segment of each id: 0 for the first text and its special tokens, 1 for the second. Nil if all are
  /// 0. DistilBERT ignores them.
  package var typeIDs: [Int32]?

  package init(ids: [Int32], typeIDs: [Int32]? = nil) {
    self.ids = ids
    self.typeIDs = typeIDs
  }
}

/// Why a model can't compute a sequence.
package enum SequenceProblem: Equatable, Sendable {
  /// The sequence has no ids, so that a head has no first row to read.
  case empty
  /// More ids than the model has positions.
  case tooLong(count: Int, maximum: Int)
  /// An id without an embedding.
  case unknownToken(id: Int, vocabularySize: Int)
  /// The number of token types differs from that of ids.
  case unevenTypes(count: Int, expected: Int)
  /// A token type without an embedding.
  case unknownType(id: Int, typeCount: Int)
}

extension ModelConfiguration {
  /// Why the encoder can't compute a sequence; nil if it can. Passes check nothing: call this for ids from
  /// outside.
  package func problem(with sequence: TokenSequence) -> SequenceProblem? {
    let ids = sequence.ids
    if ids.isEmpty { return .empty }
    if ids.count > maxPositions {
      return .tooLong(count: ids.count, maximum: maxPositions)
    }
    if let id = ids.first(where: { $0 < 0 || Int($0) >= vocabularySize }) {
      return .unknownToken(id: Int(id), vocabularySize: vocabularySize)
    }
    guard typeVocabularySize > 0, let types = sequence.typeIDs else { return nil }
    guard types.count == ids.count else {
      return .unevenTypes(count: types.count, expected: ids.count)
    }
    if let id = types.first(where: { $0 < 0 || Int($0) >= typeVocabularySize }) {
      return .unknownType(id: Int(id), typeCount: typeVocabularySize)
    }
    return nil
  }
}
