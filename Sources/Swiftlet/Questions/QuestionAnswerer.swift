import SwiftletCheckpoint
import SwiftletEncoder
public import SwiftletTokenizer

/// Finds answers to questions in texts of any length.
///
///     let answerer = try QuestionAnswerer(directory: "path/to/model")
///     let found = try answerer.answer("Where did she live?", in: "Ada Lovelace lived in London.")
///     print(found.answers[0].text, found.answers[0].score)
///
/// Any number of threads and tasks may call it at once. The results equal the question-answering
/// pipeline of transformers 4.57 over `DistilBertForQuestionAnswering` and
/// `BertForQuestionAnswering` in float32, except that spans with probability 0 are not returned.
public final class QuestionAnswerer: Sendable {
  /// The maximum number of tokens of a question with a window of its context, special tokens
  /// included.
  public var maxLength: Int { model.maxLength }
  /// The model's tokenizer.
  public var tokenizer: Tokenizer { model.tokenizer }
  /// The names of checkpoint tensors that the task does not use.
  public var unusedTensors: [String] { model.unusedTensors }
  let model: TextModel<TokenHead>

  /// Loads a model from a directory with `config.json`, weights of safetensors, PyTorch or
  /// ONNX, and `tokenizer.json` or `vocab.txt`.
  ///
  /// - Throws: ``SwiftletError`` if a file is missing, damaged or not supported.
  public init(directory: String, options: ModelOptions = ModelOptions()) throws(SwiftletError) {
    let folder = try ModelLocation(directory).folder()
    let configuration = try ModelLoading.configuration(in: folder.transformer, labelled: false)
    model = try TextModel(
      folder: folder, task: .questionAnswering, configuration: configuration, options: options
    ) { (checkpoint, kernels, pool) throws(CheckpointError) in
      try TokenHead(
        .questionAnswering, configuration: configuration, checkpoint: checkpoint, kernels: kernels,
        pool: pool)
    }
  }

  /// Answers one question on the calling thread.
  ///
  /// - Throws: ``SwiftletError/text(_:index:)``: ``TextProblem/emptyQuestion``,
  ///   ``TextProblem/questionTooLong(tokenCount:maxLength:)`` if the question leaves no room for
  ///   context, ``TextProblem/noRoomForWindows(maxLength:stride:)`` if it leaves room for at most
  ///   `docStride` tokens, or a problem of the model's vocabulary;
  ///   ``SwiftletError/invalidOption(reason:)`` for invalid options.
  public func answer(
    _ question: String, in context: String,
    options: QuestionAnsweringOptions = QuestionAnsweringOptions()
  ) throws(SwiftletError) -> QuestionAnswers {
    try answer([Question(question, context: context)], options: options)[0]
  }

  /// Answers many questions in batches without padding, on the engine's threads and the calling
  /// thread. Returns the answers in the order of the questions.
  ///
  /// - Throws: As the method for one text; `index` says which question it was.
  public func answer(
    _ questions: [Question], options: QuestionAnsweringOptions = QuestionAnsweringOptions()
  ) throws(SwiftletError) -> [QuestionAnswers] {
    try answer(questions, options, by: model)
  }

  /// Runs ``answer(_:options:)`` by a model that can be cancelled.
  func answer(
    _ questions: [Question], _ options: QuestionAnsweringOptions, by model: TextModel<TokenHead>
  ) throws(SwiftletError) -> [QuestionAnswers] {
    try check(options)
    let length = min(options.maxLength ?? 384, maxLength)
    let stride = options.docStride ?? min(length / 2, 128)
    var batch = PackedBatch()
    var windows: [[Encoding]] = []
    var cut: [Bool] = []
    for (index, question) in questions.enumerated() {
      guard !question.question.isEmpty, !question.context.isEmpty else {
        throw .text(.emptyQuestion, index: index)
      }
      let text = shortened(question.question, to: options.maxQuestionLength)
      cut.append(text != nil)
      windows.append(
        try self.windows(
          text ?? question.question, question.context, length: length, stride: stride,
          index: index, by: model))
      try model.append(windows[index], to: &batch, index: index)
    }
    var rows = try model.output(of: batch)[...]
    return questions.indices.map { index in
      answer(questions[index].context, windows[index], cut[index], options, taking: &rows)
    }
  }

  private func check(_ options: QuestionAnsweringOptions) throws(SwiftletError) {
    let minimums = [
      ("topK", options.topK, 1), ("maxAnswerLength", options.maxAnswerLength, 1),
      ("maxLength", options.maxLength ?? 1, 1),
      ("maxQuestionLength", options.maxQuestionLength ?? 1, 1),
      ("docStride", options.docStride ?? 0, 0),
    ]
    for (name, value, minimum) in minimums where value < minimum {
      throw .invalidOption(reason: "\(name) is \(value); it must be at least \(minimum)")
    }
  }

  /// Encodes a context in windows, each with the question.
  private func windows(
    _ question: String, _ context: String, length: Int, stride: Int, index: Int,
    by model: TextModel<TokenHead>
  ) throws(SwiftletError) -> [Encoding] {
    // If everything fits, a stride that is too large is not an error.
    let whole = try model.encodings(
      question, pair: context, .truncate, strategy: .onlySecond, maxLength: length, index: index)
    guard whole[0].isTruncated else { return whole }
    let used = whole[0].sequenceIDs.count { $0 != 1 }
    guard used < length else {
      let count = tokenizer.encode(question, options: EncodingOptions(addSpecialTokens: false))
        .ids.count
      throw .text(.questionTooLong(tokenCount: count, maxLength: length), index: index)
    }
    return try model.encodings(
      question, pair: context, .window(stride: stride), strategy: .onlySecond, maxLength: length,
      index: index)
  }

  /// Returns the question truncated to whole words of at most `count` tokens; nil if it is short
  /// enough.
  private func shortened(_ question: String, to count: Int?) -> String? {
    guard let count else { return nil }
    let encoding = tokenizer.encode(question, options: EncodingOptions(addSpecialTokens: false))
    guard encoding.ids.count > count else { return nil }
    var kept = count
    while kept > 1, encoding.wordIDs[kept - 1] == encoding.wordIDs[kept] { kept -= 1 }
    // If the first word alone is too long, it is truncated within the word.
    if encoding.wordIDs[kept - 1] == encoding.wordIDs[kept] { kept = count }
    return String(
      decoding: question.utf8.prefix(encoding.offsets[kept - 1].upperBound), as: UTF8.self)
  }

  /// Builds the answer to one question; takes its logits from the front of `rows`.
  private func answer(
    _ context: String, _ windows: [Encoding], _ isTruncated: Bool,
    _ options: QuestionAnsweringOptions, taking rows: inout ArraySlice<Float>
  ) -> QuestionAnswers {
    var spans = AnswerSpans(context: context, options: options, clsID: tokenizer.clsID)
    for window in windows {
      spans.add(window, logits: rows.prefix(2 * window.ids.count))
      rows = rows.dropFirst(2 * window.ids.count)
    }
    return QuestionAnswers(
      answers: spans.answers(OffsetMap(context, .unicodeScalars)),
      tokenCount: windows[0].tokenCountBeforeTruncation, windowCount: windows.count,
      isTruncated: isTruncated)
  }
}
