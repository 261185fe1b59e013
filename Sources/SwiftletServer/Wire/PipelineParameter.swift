#if Server
/// Parameters by which a client asks for another task than a route has, mostly of the Hub's pipelines. To
/// ignore them would be to answer another question than the client asked.
enum PipelineParameter {
  /// What the parameters are for, by their names.
  private static let purposes: [String: String] = {
    var purposes: [String: String] = [:]
    for (purpose, names) in [
      (
        "is for zero-shot classification, which this server has no route for: its model has labels of"
          + " its own",
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
      ("is not taken; `top_k` says how many labels are returned", ["return_all_scores"]),
      ("is not taken; `truncate` says whether long texts are cut", ["truncation"]),
      ("is not taken; the model's own length is the limit", ["max_length"]),
    ] {
      for name in names { purposes[name] = purpose }
    }
    return purposes
  }()

  /// Whether it is a pipeline's parameter wherever in a body it is.
  static func isKnown(_ name: String) -> Bool { purposes[name] != nil }

  /// What a client is told that sends it to a route with such options; the path of the field goes
  /// before it.
  static func refusal(of name: String, options: [String]) -> String {
    let purpose =
      purposes[name]
      ?? "is not taken; this route takes \(options.map { "`\($0)`" }.joined(separator: ", "))"
    return "this parameter \(purpose); leave it out"
  }
}
#endif
