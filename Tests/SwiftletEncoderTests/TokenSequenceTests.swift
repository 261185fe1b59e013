import SwiftletCheckpoint
import SwiftletEncoder
import Testing

@Suite struct TokenSequenceTests {
  private var configuration: ModelConfiguration {
    var configuration = ModelConfiguration(.bert)
    (configuration.vocabularySize, configuration.maxPositions) = (10, 4)
    return configuration
  }

  @Test func `a sequence that fits is accepted`() {
    let bert = configuration
    #expect(bert.problem(with: TokenSequence(ids: [0, 9, 1, 2])) == nil)
    #expect(bert.problem(with: TokenSequence(ids: [0, 9], typeIDs: [1, 0])) == nil)
  }

  @Test(arguments: [
    (TokenSequence(ids: []), SequenceProblem.empty),
    (TokenSequence(ids: [1, 2, 3, 4, 5]), .tooLong(count: 5, maximum: 4)),
    (TokenSequence(ids: [1, 10]), .unknownToken(id: 10, vocabularySize: 10)),
    (TokenSequence(ids: [-1]), .unknownToken(id: -1, vocabularySize: 10)),
    (TokenSequence(ids: [1, 2], typeIDs: [0]), .unevenTypes(count: 1, expected: 2)),
    (TokenSequence(ids: [1, 2], typeIDs: [0, 2]), .unknownType(id: 2, typeCount: 2)),
    (TokenSequence(ids: [1], typeIDs: [-1]), .unknownType(id: -1, typeCount: 2)),
  ])
  func `each reason to refuse a sequence has its own error`(
    sequence: TokenSequence, problem: SequenceProblem
  ) {
    #expect(configuration.problem(with: sequence) == problem)
  }

  @Test func `DistilBERT ignores token types`() {
    let configuration = ModelConfiguration(.distilBERT)
    #expect(configuration.problem(with: TokenSequence(ids: [1, 2], typeIDs: [7])) == nil)
  }

  @Test func `a batch keeps each token's type where only some sequences have types`() {
    var batch = PackedBatch()
    for round in 0..<2 {
      batch.append([5, 6])
      batch.append(TokenSequence(ids: [7], typeIDs: [0]))
      #expect(batch.typeIDs.isEmpty, "round \(round)")
      batch.append(TokenSequence(ids: [8, 9, 1], typeIDs: [0, 1, 1]))
      batch.append([2])
      batch.append(TokenSequence(ids: [3], typeIDs: [1]))
      let slice = batch.slice()
      #expect((0..<8).map(slice.typeID) == [0, 0, 0, 0, 1, 1, 0, 1])
      let part = batch.slice(2..<4)
      #expect((0..<4).map(part.id) == [8, 9, 1, 2])
      #expect((0..<4).map(part.typeID) == [0, 1, 1, 0])
      batch.removeAll()
    }
  }
}
