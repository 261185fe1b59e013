#if Server
/// Parameters of other tasks, mostly of the Hub's pipelines. They are refused, because a response
/// that ignores them would answer another question.
enum PipelineParameter {
  /// The refusals by parameter name.
  private static let purposes: [String: String] = {
    var purposes: [String: String] = [:]
    for (purpose, names) in [
      (
        "is for zero-shot classification, which this server has no route for: its model has its own"
          + " labels",
        ["candidate_labels", "hypothesis_template", "multi_label"]
      ),
      (
        "is for token classification, which this server has no route for",
        ["aggregation_strategy", "grouped_entities", "ignore_labels", "stride"]
      ),
      (
        "is for question answering, which this server has no route for",
        [
          "align_to_words", "doc_stride", "handle_impossible_answer", "max_answer_len",
          "max_question_len", "max_seq_len",
        ]
      ),
      ("is for filling masks, which this server has no route for", ["targets"]),
      (
        "is for generating text, which this server has no route for",
        [
          "clean_up_tokenization_spaces", "generate_kwargs", "generate_parameters",
          "max_new_tokens",
          "src_lang", "tgt_lang",
        ]
      ),
      ("is for classifying texts, and this route does not", ["function_to_apply", "top_k"]),
      (
        "is for embedding texts, and this route does not",
        ["dimensions", "normalize", "prompt_name"]
      ),
      ("is not supported; `top_k` says how many labels are returned", ["return_all_scores"]),
      ("is not supported; `truncate` says whether long texts are truncated", ["truncation"]),
      ("is not supported; the model's own length is the limit", ["max_length"]),
    ] {
      for name in names { purposes[name] = purpose }
    }
    return purposes
  }()

  /// Whether a name is a parameter of a pipeline.
  static func isKnown(_ name: String) -> Bool { purposes[name] != nil }

  /// The error for a parameter that a route with these options does not take, without the field's
  /// path.
  static func refusal(of name: String, options: [String]) -> String {
    let purpose =
      purposes[name]
      ?? "is not supported; this route takes \(options.map { "`\($0)`" }.joined(separator: ", "))"
    return "this parameter \(purpose); leave it out"
  }
}
#endif
