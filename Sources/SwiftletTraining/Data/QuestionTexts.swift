/// Questions with their contexts and answers, from which predicted answers are cut and with which they are
/// compared.
///
/// All texts are in one array of UTF-8. A context of several questions in a row is stored once.
package struct QuestionTexts: Sendable {
  /// A question as numbers of texts.
  private struct Place: BitwiseCopyable, Sendable {
    let question: Int
    let context: Int
    let answers: Int
    let answerCount: Int
  }

  private var bytes = ChunkedArray<UInt8>()
  /// The end of each text in ``bytes``.
  private var ends = ChunkedArray<Int>()
  private var places = ChunkedArray<Place>()
  private var lastContext: (hash: TextHash, text: Int)?

  /// The number of questions.
  package var count: Int { places.count }

  /// The memory of all arrays in bytes.
  package var byteCount: Int { bytes.byteCount + ends.byteCount + places.byteCount }

  /// Appends a question; `hash` is that of the context.
  mutating func append(
    _ question: String, context: String, hash: TextHash, answers: [String]
  ) {
    let contextText = lastContext?.hash == hash ? lastContext?.text : nil
    let context = contextText ?? append(context)
    lastContext = (hash, context)
    let number = append(question)
    for answer in answers { _ = append(answer) }
    places.append(
      Place(
        question: number, context: context, answers: number + 1, answerCount: answers.count))
  }

  private mutating func append(_ text: String) -> Int {
    bytes.append(contentsOf: text.utf8)
    ends.append(bytes.count)
    return ends.count - 1
  }

  /// The text of a question, by its number from 0.
  package func question(_ number: Int) -> String { text(places[number].question) }

  /// The context of a question.
  package func context(of number: Int) -> String { text(places[number].context) }

  /// The true answers of a question; empty if its context has none.
  package func answers(to number: Int) -> [String] {
    let place = places[number]
    return (place.answers..<place.answers + place.answerCount).map(text)
  }

  /// Whether the context of a question has an answer.
  package func hasAnswer(_ number: Int) -> Bool { places[number].answerCount > 0 }

  private func text(_ number: Int) -> String {
    String(decoding: bytes[(number == 0 ? 0 : ends[number - 1])..<ends[number]], as: UTF8.self)
  }
}
