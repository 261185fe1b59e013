import Swiftlet
import Testing

@Suite(.timeLimit(.minutes(10)))
struct QuestionAnswererTests {
  struct Golden: Decodable {
    let cases: [Case]

    struct Case: Decodable {
      let question: String
      let context: String
      let options: Options
      let answers: [Found]
    }

    struct Options: Decodable {
      let top_k: Int?
      let handle_impossible_answer: Bool?
      let max_answer_len: Int?
      let doc_stride: Int?
      let align_to_words: Bool?
      let max_seq_len: Int?

      var ours: QuestionAnsweringOptions {
        QuestionAnsweringOptions(
          topK: top_k ?? 1, docStride: doc_stride, maxAnswerLength: max_answer_len ?? 15,
          maxLength: max_seq_len, allowsImpossibleAnswer: handle_impossible_answer ?? false,
          alignsToWords: align_to_words ?? true)
      }
    }

    struct Found: Decodable {
      let score: Float
      let start: Int
      let end: Int
      let answer: String
    }
  }

  private static func answerer(
    _ name: String = "questions", threads: Int? = nil
  ) throws(SwiftletError) -> QuestionAnswerer {
    try QuestionAnswerer(
      directory: HeadGolden.path(name),
      options: ModelOptions(gemm: .native, threads: threads))
  }

  @Test(arguments: ["questions", "bert-questions"])
  func `answers are those of transformers' pipeline`(name: String) throws {
    let answerer = try Self.answerer(name)
    let golden: Golden = try HeadGolden.answers(name)
    #expect(golden.cases.count == 48)
    for golden in golden.cases {
      let found = try answerer.answer(
        golden.question, in: golden.context, options: golden.options.ours)
      let name = Comment(rawValue: "\(golden.question) \(golden.context) \(golden.options)")
      #expect(found.answers.count >= golden.answers.count, name)
      for (found, expected) in zip(found.answers, golden.answers) {
        #expect(found.text == expected.answer, name)
        #expect(agree(found.score, expected.score), name)
        #expect(found.offsets == expected.start..<expected.end, name)
      }
    }
  }

  @Test(arguments: [1, 2, 7])
  func `many questions have the bits of one by one`(threads: Int) throws {
    let single = try Self.answerer(threads: 1)
    let many = try Self.answerer(threads: threads)
    let questions = Texts.many(30).map { Question("Was it good?", context: $0 + " good") }
    let options = QuestionAnsweringOptions(topK: 4, allowsImpossibleAnswer: true)
    let expected = try questions.map {
      try single.answer($0.question, in: $0.context, options: options)
    }
    #expect(try many.answer(questions, options: options) == expected)
  }

  @Test func `windows cover a long context, and the answer counts them`() throws {
    let answerer = try Self.answerer()
    let context = Array(repeating: "good", count: 200).joined(separator: " ")
    let found = try answerer.answer("Was it good?", in: context, options: .init(docStride: 10))
    // 48 tokens without 4 of the question and 3 special ones.
    #expect(found.tokenCount == 207 && found.windowCount == 1 + (200 - 41 + 30) / 31)
    #expect(!found.isTruncated)
  }

  @Test func `a long question is cut between words, and the answer says so`() throws {
    let answerer = try Self.answerer()
    let options = QuestionAnsweringOptions(maxQuestionLength: 3)
    let cut = try answerer.answer("the film unbelievable", in: "A good film.", options: options)
    let same = try answerer.answer("the film", in: "A good film.")
    #expect(cut.isTruncated && cut.answers == same.answers && !same.isTruncated)
    let one = try answerer.answer("unbelievable", in: "A good film.", options: options)
    #expect(one.isTruncated && !one.answers.isEmpty)
  }

  @Test func `answers of different spelling are separate`() throws {
    let options = QuestionAnsweringOptions(topK: 100, maxAnswerLength: 1, alignsToWords: false)
    let found = try Self.answerer().answer("x", in: "\u{e9} the e\u{301}", options: options)
    let spelled = Set(found.answers.map { Array($0.text.utf8) })
    #expect(spelled.count == found.answers.count && spelled.count >= 3)
  }

  @Test func `invalid arguments are errors with the reason`() throws {
    let answerer = try Self.answerer()
    let long = Array(repeating: "good", count: 60).joined(separator: " ")
    let tooLong = TextProblem.questionTooLong(tokenCount: 60, maxLength: 48)
    #expect(throws: SwiftletError.text(tooLong, index: 0)) {
      try answerer.answer(long, in: "A good film")
    }
    let wrong: [QuestionAnsweringOptions] = [
      .init(topK: 0), .init(docStride: -1), .init(docStride: 41), .init(docStride: .max),
      .init(maxAnswerLength: 0), .init(maxLength: 0), .init(maxQuestionLength: 0),
    ]
    for options in wrong {
      #expect(throws: SwiftletError.self, "\(options)") {
        try answerer.answer("Was it good?", in: long, options: options)
      }
    }
    for empty in [Question("", context: "x"), Question("x", context: "")] {
      #expect(throws: SwiftletError.text(.emptyQuestion, index: 1)) {
        try answerer.answer([Question("x", context: "x"), empty])
      }
    }
    #expect(try answerer.answer("x", in: " ").answers.isEmpty)
    let most = QuestionAnsweringOptions(topK: .max, maxAnswerLength: .max)
    #expect(try answerer.answer("x", in: long, options: most).answers.count > 40)
  }

  @Test func `async calls answer as synchronous ones`() async throws {
    let answerer = try Self.answerer()
    let one = try await answerer.answer("Was it good?", in: "A good film.")
    #expect(
      try await answerer.answer([Question("Was it good?", context: "A good film.")]) == [one])
  }
}
