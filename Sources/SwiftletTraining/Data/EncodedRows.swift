package import SwiftletEncoder

/// The examples of one source as token ids and targets, in flat arrays.
///
/// A classification row takes 4 bytes for each token and 28 more: its start, its line, its target
/// and the hash of its text. Texts are not kept, except those of questions.
package struct EncodedRows: Sendable {
  /// The file's name; nil for examples in memory.
  package let file: String?

  private var ids = ChunkedArray<Int32>()
  /// One for each id; empty as long as all of them are 0.
  private var typeIDs = ChunkedArray<UInt8>()
  /// The end of each sequence in `ids`.
  private var ends = ChunkedArray<UInt32>()
  /// The end of each example in `ends`; empty if each example has one sequence.
  private var exampleEnds = ChunkedArray<UInt32>()

  /// The line of each example, or its number from 1 in memory.
  private var lines = ChunkedArray<UInt32>()
  private var hashes = ChunkedArray<TextHash>()
  /// What must be on one side of a split, where that is not the text: the context of a question.
  private var groups = ChunkedArray<TextHash>()

  /// Classes, one for each example; or all labels of a set; or one for each token; or starts.
  var classes = ChunkedArray<Int32>()
  /// The end of each example's label set in `classes`, or of its answer as a token.
  var classEnds = ChunkedArray<UInt32>()
  /// The number of each example, if it has one.
  var values = ChunkedArray<Float>()
  /// The questions, of each of which several examples may be windows.
  package internal(set) var questions = QuestionTexts()
  /// The number of each example's question.
  var questionNumbers = ChunkedArray<UInt32>()

  /// The class of an item without a label, which losses ignore.
  package static let ignored: Int32 = -100

  package init(file: String?) { self.file = file }

  package var count: Int { lines.count }
  package var tokenCount: Int { ids.count }

  /// The memory of all arrays in bytes.
  package var byteCount: Int {
    ids.byteCount + typeIDs.byteCount + ends.byteCount + exampleEnds.byteCount + lines.byteCount
      + hashes.byteCount + groups.byteCount + classes.byteCount + classEnds.byteCount
      + values.byteCount + questions.byteCount + questionNumbers.byteCount
  }

  /// The number of tokens at which no more examples fit: the 32-bit positions have room for one
  /// more example of any size.
  package static let maxTokens = 3 << 30

  // MARK: Appending

  /// Appends one sequence, whose types are all 0 if there are none.
  mutating func append(_ sequence: TokenSequence) {
    if let types = sequence.typeIDs, types.contains(where: { $0 != 0 }) {
      while typeIDs.count < ids.count { typeIDs.append(0) }
      for type in types { typeIDs.append(UInt8(truncatingIfNeeded: type)) }
    } else if !typeIDs.isEmpty {
      for _ in sequence.ids { typeIDs.append(0) }
    }
    ids.append(contentsOf: sequence.ids)
    ends.append(UInt32(truncatingIfNeeded: ids.count))
  }

  /// Ends an example, to which the sequences since the last one belong.
  mutating func finishExample(line: Int, hash: TextHash, group: TextHash? = nil, isGroup: Bool) {
    if isGroup { exampleEnds.append(UInt32(truncatingIfNeeded: ends.count)) }
    lines.append(UInt32(truncatingIfNeeded: line))
    hashes.append(hash)
    if let group { groups.append(group) }
  }

  // MARK: Reading

  /// The sequences of an example.
  package func sequences(of example: Int) -> Range<Int> {
    guard !exampleEnds.isEmpty else { return example..<example + 1 }
    return (example == 0 ? 0 : Int(exampleEnds[example - 1]))..<Int(exampleEnds[example])
  }

  /// The tokens of an example, of all its sequences.
  package func tokens(of example: Int) -> Range<Int> {
    let sequences = sequences(of: example)
    return tokens(ofSequence: sequences.lowerBound)
      .lowerBound..<tokens(ofSequence: sequences.upperBound - 1).upperBound
  }

  package func tokens(ofSequence sequence: Int) -> Range<Int> {
    (sequence == 0 ? 0 : Int(ends[sequence - 1]))..<Int(ends[sequence])
  }

  package func sequence(_ sequence: Int) -> TokenSequence {
    let range = tokens(ofSequence: sequence)
    guard range.upperBound <= typeIDs.count else { return TokenSequence(ids: ids[range]) }
    return TokenSequence(ids: ids[range], typeIDs: typeIDs[range].map(Int32.init))
  }

  package func line(of example: Int) -> Int { Int(lines[example]) }
  package func hash(of example: Int) -> TextHash { hashes[example] }
  /// What must stay on one side of a split.
  package func group(of example: Int) -> TextHash {
    groups.isEmpty ? hashes[example] : groups[example]
  }

  /// The place of an example in messages: `reviews.csv:12`, or `example 3`.
  package func place(of example: Int) -> String { TrainingError.place(file, line(of: example)) }

  /// The classes of an example's label set.
  package func labelSet(of example: Int) -> [Int32] {
    classes[(example == 0 ? 0 : Int(classEnds[example - 1]))..<Int(classEnds[example])]
  }
}
