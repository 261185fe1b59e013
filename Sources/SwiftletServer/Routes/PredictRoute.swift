#if Server
import Hummingbird

/// `POST /predict`: labels with scores.
enum PredictRoute {
  static func respond(_ call: RouteCall) async throws -> Response {
    let request = try await call.read(PredictRequest.init(json:))
    try call.require(.classifier, .reranker, otherwise: .notClassifier)
    let model = call.serving.model
    let inputs: [TextInput]
    let isSingle: Bool
    switch request.inputs {
    case .single(let input): (inputs, isSingle) = ([input], true)
    case .batch(let batch): (inputs, isSingle) = (batch, false)
    }
    try call.requireNonEmpty(inputs.count, of: "inputs")
    let policy = call.serving.truncationPolicy(request.truncate, request.truncationDirection)
    let inference = InferenceCall(
      call: call, task: .predict, method: isSingle ? .single : .batch, count: inputs.count)
    return try await inference.respond { (index) throws(ServerError) in
      try model.encode(
        inputs[index].text, pair: inputs[index].pair, prompt: model.texts.defaultPrompt, policy)
    } write: { (rows, _) throws(ServerError) in
      let scores = try rows.map { (logits) throws(ServerError) in
        try model.scores(logits, request.scoreFunction)
      }
      let answers = scores.map { model.predictions($0, count: request.topK) }
      call.serving.recordScores(scores)
      return isSingle
        ? ResponseWriter.predictions(answers[0]) : ResponseWriter.predictions(batch: answers)
    }
  }
}
#endif
