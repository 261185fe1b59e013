/// The examples of a model card: how to use the model in Swiftlet and in transformers.
struct UsageExamples {
  private let report: TrainingReport

  init(_ report: TrainingReport) { self.report = report }

  var text: String {
    "With Swiftlet on the command line:\n\n" + MarkdownText.code(command, language: "sh")
      + "\nWith Swiftlet in Swift:\n\n" + MarkdownText.code(swift, language: "swift")
      + "\nWith \(pythonLibrary) in Python:\n\n" + MarkdownText.code(python, language: "python")
  }

  private var path: String { report.output.isEmpty ? "." : report.output }
  private var literal: String { MarkdownText.quoted(path) }

  private var command: String {
    let model = "--model " + MarkdownText.shellWord(path)
    return switch report.task {
    case .classification, .regression:
      "swiftlet classify \(model) 'A text to classify.'"
    case .multiLabel: "swiftlet classify \(model)\(thresholds) 'A text to classify.'"
    case .tokens: "swiftlet tag \(model) 'Ada lives in London.'"
    case .questions:
      "swiftlet answer \(model) --question 'Where does Ada live?' 'Ada lives in London.'"
    case .masks: "swiftlet fill-mask \(model) 'Ada lives in [MASK].'"
    case .choices:
      "swiftlet choose \(model) 'Ada was hungry.' --choice 'She ate it.' --choice 'It rained.'"
    case .embeddings: "swiftlet embed \(model) 'A cat sleeps.'"
    }
  }

  /// The thresholds of the first labels, as many as a line may have.
  private var thresholds: String {
    let labels = report.labels.filter { $0.threshold != nil }
    return labels.prefix(4).map { label in
      let word = "\(label.name)=\(DecimalText.fixed(label.threshold, 3))"
      return " --label-threshold " + MarkdownText.shellWord(word)
    }.joined()
  }

  private var swift: String {
    let (type, call) =
      switch report.task {
      case .classification, .multiLabel, .regression:
        ("Classifier", "classify(\"A text to classify.\")")
      case .tokens: ("TokenClassifier", "classify(\"Ada lives in London.\")")
      case .questions:
        (
          "QuestionAnswerer",
          "answer(\"Where does Ada live?\", in: \"Ada lives in London.\")"
        )
      case .masks: ("FillMask", "fill(\"Ada lives in [MASK].\")")
      case .choices:
        ("MultipleChoice", "choose(\"Ada was hungry.\", among: [\"She ate it.\", \"It rained.\"])")
      case .embeddings: ("Embedder", "embed(\"A cat sleeps.\")")
      }
    return """
      import Swiftlet

      let model = try \(type)(directory: \(literal))
      print(try model.\(call))
      """
  }

  private var pythonLibrary: String {
    report.task == .embeddings ? "sentence-transformers" : "transformers"
  }

  private var python: String {
    switch report.task {
    case .embeddings:
      """
      from sentence_transformers import SentenceTransformer

      model = SentenceTransformer(\(literal))
      print(model.encode(["A cat sleeps."]))
      """
    case .choices:
      """
      from transformers import AutoModelForMultipleChoice, AutoTokenizer

      tokenizer = AutoTokenizer.from_pretrained(\(literal))
      model = AutoModelForMultipleChoice.from_pretrained(\(literal))
      texts, choices = ["Ada was hungry."] * 2, ["She ate it.", "It rained."]
      inputs = tokenizer(texts, choices, padding=True, return_tensors="pt")
      print(model(**{key: value.unsqueeze(0) for key, value in inputs.items()}).logits)
      """
    case .questions:
      """
      from transformers import AutoModelForQuestionAnswering, AutoTokenizer

      tokenizer = AutoTokenizer.from_pretrained(\(literal))
      model = AutoModelForQuestionAnswering.from_pretrained(\(literal))
      inputs = tokenizer("Where does Ada live?", "Ada lives in London.", return_tensors="pt")
      answer = model(**inputs)
      span = inputs.input_ids[0, answer.start_logits.argmax() : answer.end_logits.argmax() + 1]
      print(tokenizer.decode(span))
      """
    default: pipeline
    }
  }

  private var pipeline: String {
    let tag = report.task.pipelineTag ?? ""
    let (options, call) =
      switch report.task {
      case .multiLabel: (", top_k=None", #"model("A text to classify.", truncation=True)"#)
      case .regression:
        (", function_to_apply=\"none\"", #"model("A text to classify.", truncation=True)"#)
      case .tokens: (", aggregation_strategy=\"simple\"", #"model("Ada lives in London.")"#)
      case .masks: ("", #"model("Ada lives in [MASK].")"#)
      default: ("", #"model("A text to classify.", truncation=True)"#)
      }
    return """
      from transformers import pipeline

      model = pipeline("\(tag)", model=\(literal)\(options))
      print(\(call))
      """
  }
}
