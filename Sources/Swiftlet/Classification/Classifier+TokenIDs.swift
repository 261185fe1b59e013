import SwiftletEncoder

extension Classifier {
  /// Returns the logits of token sequences, one row for each, in the order of ``labels``.
  ///
  /// The ids are taken as they are. Special tokens belong to them (`[CLS]` first, as the model
  /// reads its answer from the first token), and none is cut off. The sequences are computed as the
  /// texts of `classify(_:options:)` are, on the engine's threads and the calling one.
  ///
  /// - Throws: ``SwiftletError/invalidOption(reason:)`` for a sequence without ids;
  ///   ``SwiftletError/text(_:index:)``: ``TextProblem/tooLong(tokenCount:maxLength:)``, or
  ///   ``TextProblem/unknownToken(id:vocabularySize:)`` for an id without an embedding.
  public func logits(ofTokenIDs sequences: [[Int32]]) throws(SwiftletError) -> [[Float]] {
    var batch = PackedBatch()
    for (index, ids) in sequences.enumerated() {
      try check(ids, index: index)
      batch.append(ids)
    }
    let logits = try model.output(of: batch)
    let count = labels.count
    return sequences.indices.map { Array(logits[$0 * count..<($0 + 1) * count]) }
  }

  private func check(_ ids: [Int32], index: Int) throws(SwiftletError) {
    guard !ids.isEmpty else {
      throw .invalidOption(
        reason: "sequence \(index + 1) has no ids; include the special tokens")
    }
    if let problem = model.configuration.problem(with: TokenSequence(ids: ids)) {
      throw .text(TextProblem(problem), index: index)
    }
  }
}
