#if Server
import Testing

@testable import SwiftletServer

@Suite struct TokenRouteTests {
  @Test func `a token has its id, its part of the text and its byte offsets`() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let answer = try await client.post("/tokenize", #"{"inputs": "Café hello"}"#)
      #expect(answer.status == 200)
      #expect(
        answer.text
          == #"[[{"id":101,"text":"[CLS]","special":true,"start":null,"stop":null},"#
          + #"{"id":7668,"text":"Café","special":false,"start":0,"stop":5},"#
          + #"{"id":7592,"text":"hello","special":false,"start":6,"stop":11},"#
          + #"{"id":102,"text":"[SEP]","special":true,"start":null,"stop":null}]]"#)
    }
  }

  @Test func `a continued word is a part of the text without ##`() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let answer = try await client.post(
        "/tokenize", #"{"inputs": ["unbelievableness", "b"], "add_special_tokens": false}"#)
      #expect(!answer.text.contains("##"))
      #expect(!answer.text.contains("[CLS]"))
      #expect(
        answer.text.hasSuffix(#"[{"id":1038,"text":"b","special":false,"start":0,"stop":1}]]"#))
      let long = try await client.post(
        "/tokenize", #"{"inputs": "\#(String(repeating: "a ", count: 700))"}"#)
      #expect(long.text.split(separator: "{").count == 703)
    }
  }

  @Test func `a prompt is part of the text`() async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let bare = try await client.post(
        "/tokenize", #"{"inputs": "bad", "prompt_name": "document"}"#)
      let prompted = try await client.post(
        "/tokenize", #"{"inputs": "bad", "prompt_name": "query"}"#)
      #expect(bare.text.contains(#""text":"bad","special":false,"start":0,"stop":3"#))
      #expect(prompted.text.contains(#""text":"bad","special":false,"start":10,"stop":13"#))
    }
    try await withServer(TestModel.embedder) {
      $0.defaultPrompt = "It was "
    } _: { client, _ in
      let prompted = try await client.post("/tokenize", #"{"inputs": "bad"}"#)
      #expect(prompted.text.contains(#""text":"bad","special":false,"start":7,"stop":10"#))
    }
  }

  @Test(arguments: [
    (#"{"inputs": []}"#, 400, "`inputs` cannot be empty"),
    (#"{"inputs": ""}"#, 400, "Input validation error: `inputs` cannot be empty"),
    (#"{"inputs": ["a", "b", "c"]}"#, 422, "batch size 3 > maximum allowed batch size 2"),
  ])
  func `inputs that cannot be tokenized are refused`(body: String, status: Int, message: String)
    async throws
  {
    try await withServer(TestModel.sentiment) {
      $0.maxClientBatchSize = 2
    } _: { client, _ in
      let answer = try await client.post("/tokenize", body)
      #expect(answer.status == status)
      #expect(try answer.decoded(WireError.self).error == message)
    }
  }

  @Test func `ids decode to text`() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let one = try await client.post("/decode", #"{"ids": [101, 7668, 7592, 102]}"#)
      #expect(one.text == #"["cafe hello"]"#)
      let two = try await client.post(
        "/decode", #"{"ids": [[101, 7592], [7592]], "skip_special_tokens": false}"#)
      #expect(two.text == #"["[CLS] hello","hello"]"#)
      let empty = try await client.post("/decode", #"{"ids": []}"#)
      #expect(empty.status == 400)
      #expect(try empty.decoded() == WireError(error: "`ids` cannot be empty", type: "Empty"))
      for ids in ["[[7592], []]", "[[]]"] {
        let inner = try await client.post("/decode", #"{"ids": \#(ids)}"#)
        #expect(inner.status == 400)
        #expect(
          try inner.decoded(WireError.self).error
            == "Input validation error: `input_ids` cannot be empty")
      }
      #expect(try await client.post("/decode", #"{"ids": [99999999]}"#).text == #"[""]"#)
    }
  }
}
#endif
