#if Server
import Swiftlet
import Testing

@testable import SwiftletServer

@Suite struct PredictRouteTests {
  struct Score: Decodable, Equatable {
    var score: Float
    var label: String
  }

  private static let texts = ["A film of rare warmth.", "I want these two hours back."]

  private func expected(_ text: String) throws -> [Score] {
    let classifier = try Classifier(directory: TestModel.sentiment)
    return try classifier.classify(text).scores.map { Score(score: $0.score, label: $0.label) }
  }

  @Test func `a text has all labels, best first, with the scores of the library to the last bit`()
    async throws
  {
    try await withServer(TestModel.sentiment) { client, _ in
      for path in ["/predict", "/", "/invocations"] {
        let answer = try await client.post(path, #"{"inputs": "A film of rare warmth."}"#)
        #expect(answer.status == 200)
        #expect(answer.header("content-type") == "application/json")
        #expect(answer.header("content-length") == "\(answer.text.utf8.count)")
        #expect(answer.text.hasPrefix(#"[{"score":0.9"#))
        #expect(try answer.decoded([Score].self) == expected(Self.texts[0]))
      }
    }
  }

  @Test func `a list of one text is that text, a list of two a pair, a list of lists a batch`()
    async throws
  {
    try await withServer(TestModel.sentiment) { client, _ in
      let one = try await client.post("/predict", #"{"inputs": ["A film of rare warmth."]}"#)
      #expect(try one.decoded([Score].self) == expected(Self.texts[0]))
      let pair = try await client.post("/predict", #"{"inputs": ["A film", "of warmth."]}"#)
      let classifier = try Classifier(directory: TestModel.sentiment)
      let answers = try await classifier.classify([TextPair("A film", "of warmth.")])
      #expect(try pair.decoded([Score].self).map(\.score) == answers[0].scores.map(\.score))
      let batch = try await client.post(
        "/predict",
        #"{"inputs": [["A film of rare warmth."], ["A film", "of warmth."], ["I want these two hours back."]]}"#
      )
      let lists = try batch.decoded([[Score]].self)
      #expect(lists.count == 3)
      #expect(try lists[0] == expected(Self.texts[0]))
      #expect(try lists[1] == pair.decoded())
      #expect(try lists[2] == expected(Self.texts[1]))
    }
  }

  @Test func `raw scores are the logits, and unknown fields are ignored`() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let answer = try await client.post(
        "/predict",
        #"{"unknown": {"a": [1]}, "inputs": "A film of rare warmth.", "raw_scores": true}"#)
      let classifier = try Classifier(directory: TestModel.sentiment)
      let logits = try await classifier.classify(Self.texts[0]).logits
      #expect(try answer.decoded([Score].self).map(\.score) == logits.sorted(by: >))
    }
  }

  @Test func `a request chooses top_k and function_to_apply`() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let all = try await client.post("/predict", #"{"inputs": "A film.", "raw_scores": true}"#)
        .decoded([Score].self)
      for path in ["/predict", "/"] {
        let best = try await client.post(
          path, #"{"inputs": "A film.", "parameters": {"top_k": 1, "function_to_apply": "none"}}"#)
        #expect(try best.decoded([Score].self) == [all[0]])
        let sigmoid = try await client.post(
          path, #"{"inputs": [["A film."]], "parameters": {"function_to_apply": "sigmoid"}}"#)
        let scores = ScoreFunction.sigmoid.scores(of: all.map(\.score))
        #expect(try sigmoid.decoded([[Score]].self)[0].map(\.score) == scores)
        let many = try await client.post(path, #"{"inputs": "A film.", "top_k": 99}"#)
        #expect(try many.decoded([Score].self).count == 2)
        let zeroShot = try await client.post(
          path, #"{"inputs": "A film.", "parameters": {"candidate_labels": ["a", "b"]}}"#)
        #expect(zeroShot.status == 422)
        #expect(zeroShot.text.contains("parameters.candidate_labels"))
      }
    }
  }

  @Test func `the headers have counts and whole milliseconds`() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let answer = try await client.post("/predict", #"{"inputs": [["Good é."], ["Bad."]]}"#)
      #expect(answer.header("x-compute-type") == "cpu+optimized")
      #expect(answer.header("x-compute-characters") == "11")
      #expect(answer.header("x-compute-tokens") == "9")
      for name in [
        "x-compute-time", "x-total-time", "x-tokenization-time", "x-queue-time", "x-inference-time",
      ] {
        #expect(answer.header(name).flatMap { Int($0) } != nil, "\(name)")
      }
    }
  }

  @Test func `a long text is cut unless the request or the server forbids it`() async throws {
    let long = String(repeating: "good ", count: 600)
    try await withServer(TestModel.sentiment) { client, _ in
      let cut = try await client.post("/predict", #"{"inputs": "\#(long)"}"#)
      #expect(cut.status == 200)
      #expect(cut.header("x-compute-tokens") == "512")
      let left = try await client.post(
        "/predict", #"{"inputs": "bad \#(long)", "truncation_direction": "left"}"#)
      #expect(try left.decoded([Score].self) == cut.decoded([Score].self))
      let refused = try await client.post("/predict", #"{"inputs": "\#(long)", "truncate": false}"#)
      #expect(refused.status == 422)
      #expect(
        try refused.decoded()
          == WireError(
            error: "Input validation error: `inputs` must have less than 512 tokens. Given: 602",
            type: "Validation"))
    }
    try await withServer(TestModel.sentiment) {
      $0.autoTruncate = false
    } _: { client, _ in
      #expect(try await client.post("/predict", #"{"inputs": "\#(long)"}"#).status == 422)
      let cut = try await client.post("/predict", #"{"inputs": "\#(long)", "truncate": true}"#)
      #expect(cut.status == 200)
    }
  }

  @Test func `characters are limited before anything is tokenized`() async throws {
    let long = String(repeating: "é", count: 128_001)
    try await withServer(TestModel.sentiment) { client, _ in
      let refused = try await client.post("/predict", #"{"inputs": "\#(long)", "truncate": false}"#)
      #expect(refused.status == 422)
      #expect(
        try refused.decoded(WireError.self).error
          == "Input validation error: `inputs` must have less than 128000 characters. Given: 128001"
      )
      #expect(try await client.post("/predict", #"{"inputs": "\#(long)"}"#).status == 200)
    }
  }

  @Test(arguments: [
    (#"{"inputs": ""}"#, 400), (#"{"inputs": ["", ""]}"#, 400), (#"{"inputs": [[""]]}"#, 400),
    (#"{"inputs": ["", "a"]}"#, 200), (#"{"inputs": []}"#, 422),
    (#"{"inputs": ["a", "b", "c"]}"#, 422), (#"{"inputs": [["a", "b", "c"]]}"#, 422),
    (#"{"inputs": 1}"#, 422), (#"{"input": "a"}"#, 422),
    (#"{"inputs": "a", "raw_scores": 1}"#, 422),
    (#"{"inputs": "a", "truncate": null}"#, 200),
  ])
  func `empty inputs are refused, one empty text of a pair is not`(
    body: String, status: Int
  ) async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let answer = try await client.post("/predict", body)
      #expect(answer.status == status)
      if status == 400 {
        #expect(
          try answer.decoded()
            == WireError(error: "Input validation error: `inputs` cannot be empty", type: "Empty"))
      } else if status == 422 {
        #expect(try answer.decoded(WireError.self).type == "Validation")
      }
    }
  }

  @Test func `one bad input fails its batch and frees all its queue places`() async throws {
    try await withServer(TestModel.sentiment) {
      $0.maxConcurrentRequests = 3
    } _: { client, server in
      for _ in 0..<5 {
        let answer = try await client.post("/predict", #"{"inputs": [["a"], ["b"], [""]]}"#)
        #expect(answer.status == 400)
      }
      #expect(try server.state.serving().queue.reserved == 0)
      let answer = try await client.post("/predict", #"{"inputs": [["a"], ["b"], ["c"]]}"#)
      #expect(answer.status == 200)
    }
  }

  @Test func `the sizes of batches and of the queue are limited`() async throws {
    try await withServer(TestModel.sentiment) {
      $0.maxClientBatchSize = 4
      $0.maxConcurrentRequests = 2
    } _: { client, server in
      let tooMany = try await client.post(
        "/predict", #"{"inputs": [["a"], ["a"], ["a"], ["a"], ["a"]]}"#)
      #expect(tooMany.status == 422)
      #expect(
        try tooMany.decoded()
          == WireError(error: "batch size 5 > maximum allowed batch size 4", type: "Validation"))
      let never = try await client.post("/predict", #"{"inputs": [["a"], ["a"], ["a"]]}"#)
      #expect(never.status == 422)
      #expect(try never.decoded(WireError.self).error.contains("--max-concurrent-requests"))
      let queue = try server.state.serving().queue
      try queue.reserve(1)
      let overload = try await client.post("/predict", #"{"inputs": [["a"], ["a"]]}"#)
      #expect(overload.status == 429)
      #expect(
        try overload.decoded() == WireError(error: "Model is overloaded", type: "Overloaded"))
      queue.release(1)
      #expect(try await client.post("/predict", #"{"inputs": [["a"], ["a"]]}"#).status == 200)
    }
  }

  @Test func `among equal scores the higher index comes first`() async throws {
    try await withServer(TestModel.sentiment) { _, server in
      let model = try server.state.serving().model
      let scores = try model.scores([1, 1], nil)
      #expect(
        model.predictions(scores, count: nil).map(\.label) == ["POSITIVE", "NEGATIVE"])
    }
  }

  @Test func `softmax accepts any finite logit, and a NaN score is an error`() async throws {
    try await withServer(TestModel.sentiment) { _, server in
      let model = try server.state.serving().model
      #expect(try model.scores([-1000, 3], nil).asked == [0, 1])
      #expect(try model.scores([1000, 3], nil).asked == [1, 0])
      #expect(throws: ServerError.scoreIsNaN) { _ = try model.scores([.nan, 3], nil) }
    }
  }

  @Test func `the best label of the metrics has the model's own score`() async throws {
    try await withServer(TestModel.sentiment) { _, server in
      let model = try server.state.serving().model
      let row = try model.scores([-1000, 3], ScoreFunction.none)
      #expect(row.asked == [-1000, 3] && row.own == [0, 1])
      #expect(row.best?.label == 1 && row.best?.score == 1)
    }
  }

  @Test func `concurrent clients get the answers that they get alone`() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let expected = try Self.texts.map { try self.expected($0) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<40 {
          group.addTask {
            let answer = try await client.post(
              "/predict", #"{"inputs": "\#(Self.texts[index % 2])"}"#)
            #expect(try answer.decoded([Score].self) == expected[index % 2])
          }
        }
        try await group.waitForAll()
      }
    }
  }
}
#endif
