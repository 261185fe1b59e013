#if Server
import Testing

@testable import SwiftletServer

@Suite struct ResponseWriterTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func `bodies have the reference's keys in its order`() {
    let predictions = [
      Prediction(label: "joy", score: 0.75), Prediction(label: "a\"b", score: 0.25),
    ]
    #expect(
      text(ResponseWriter.predictions(predictions))
        == #"[{"score":0.75,"label":"joy"},{"score":0.25,"label":"a\"b"}]"#)
    #expect(
      text(ResponseWriter.predictions(batch: [[predictions[0]], []]))
        == #"[[{"score":0.75,"label":"joy"}],[]]"#)
    #expect(
      text(ResponseWriter.ranks([Rank(index: 1, score: 1), Rank(index: 0, score: 0, text: "t")]))
        == #"[{"index":1,"score":1.0},{"index":0,"text":"t","score":0.0}]"#)
    #expect(text(ResponseWriter.embeddings([[0.5, -2], []])) == "[[0.5,-2.0],[]]")
    #expect(
      text(ResponseWriter.tokenEmbeddings([[1, 2, 3, 4], [5, 6]], width: 2))
        == "[[[1.0,2.0],[3.0,4.0]],[[5.0,6.0]]]")
    #expect(text(ResponseWriter.similarities([0.5])) == "[0.5]")
    #expect(text(ResponseWriter.texts(["a\n", ""])) == #"["a\n",""]"#)
    #expect(
      text(
        ResponseWriter.tokens([
          [
            TokenInfo(id: 101, text: "[CLS]", isSpecial: true),
            TokenInfo(id: 7592, text: "hello", isSpecial: false, range: 0..<5),
          ]
        ]))
        == #"[[{"id":101,"text":"[CLS]","special":true,"start":null,"stop":null},"#
        + #"{"id":7592,"text":"hello","special":false,"start":0,"stop":5}]]"#)
  }

  @Test func `OpenAI's list has numbers or base64`() {
    func body(_ format: OpenAIEmbeddingsRequest.EncodingFormat) -> String {
      text(
        ResponseWriter.openAIEmbeddings([[1, -0.5]], format: format, model: "m", promptTokens: 7))
    }
    let end = #","index":0}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}"#
    #expect(
      body(.float)
        == #"{"object":"list","data":[{"object":"embedding","embedding":[1.0,-0.5]"# + end)
    #expect(
      body(.base64)
        == #"{"object":"list","data":[{"object":"embedding","embedding":"AACAPwAAAL8=""# + end)
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func `Base64 is that of RFC 4648`(plain: String, expected: String) {
    #expect(text(Base64.encode(bytes: Array(plain.utf8))) == expected)
  }

  @Test(
    arguments: [
      0, -0.0, 1, 0.1, 1 / 3, .leastNonzeroMagnitude, .leastNormalMagnitude,
      .greatestFiniteMagnitude, 16_777_216, 1e-7, 123456.79, -1e10, 0.9768991,
    ] as [Float])
  func `numbers read back as the same float, and NaN is null`(value: Float) {
    let body = text(ResponseWriter.similarities([value]))
    #expect(Float(body.dropFirst().dropLast())?.bitPattern == value.bitPattern)
    #expect(text(ResponseWriter.similarities([.nan, -.infinity])) == "[null,null]")
  }

  @Test func `errors have the reference's type, status and message`() {
    #expect(
      text(ResponseWriter.error(.overloaded))
        == #"{"error":"Model is overloaded","error_type":"Overloaded"}"#)
    #expect(
      text(ResponseWriter.openAIError(.batchTooLarge(33, maximum: 32)))
        == #"{"message":"batch size 33 > maximum allowed batch size 32","code":422,"type":"Validation"}"#
    )
    let rows: [(ServerError, Int, String)] = [
      (.unhealthy, 503, "unhealthy"),
      (.notClassifier, 424, "Backend error: Model is not a classifier model"),
      (.notReranker, 424, "Backend error: model is not a re-ranker model"),
      (.scoreIsNaN, 424, "score is NaN"),
      (.empty("texts"), 400, "`texts` cannot be empty"),
      (.emptyInput(), 400, "Input validation error: `inputs` cannot be empty"),
      (
        .tooManyTokens(600, maximum: 512), 422,
        "Input validation error: `inputs` must have less than 512 tokens. Given: 600"
      ),
      (.expired(seconds: 30), 429, "Model is overloaded: the request waited for 30 s in the queue"),
      (.payloadTooLarge, 413, "Failed to buffer the request body: length limit exceeded"),
      (.unsupportedMediaType, 415, "Expected request with `Content-Type: application/json`"),
      (ServerError(.syntax("s")), 400, "s"), (ServerError(.shape("s")), 422, "s"),
    ]
    for (error, status, message) in rows {
      #expect(error.status == status)
      #expect(error.message == message)
    }
  }

  @Test func `unknown properties of a model are null in its description`() {
    let info = ServerInfo(
      modelID: "m", modelSHA: nil, modelDtype: "float32", servedModelName: "n",
      modelType: .classifier(labels: ["NEG", "POS"]), maxConcurrentRequests: 512,
      maxInputLength: 128, maxBatchTokens: 16384, maxBatchRequests: nil, maxClientBatchSize: 32,
      autoTruncate: true, tokenizationWorkers: 2, version: "0.1.0")
    #expect(
      text(ResponseWriter.info(info))
        == #"{"model_id":"m","model_sha":null,"model_dtype":"float32","served_model_name":"n","#
        + #""model_type":{"classifier":{"id2label":{"0":"NEG","1":"POS"},"label2id":{"NEG":0,"POS":1}}},"#
        + #""max_concurrent_requests":512,"max_input_length":128,"max_batch_tokens":16384,"#
        + #""max_batch_requests":null,"max_client_batch_size":32,"auto_truncate":true,"#
        + #""tokenization_workers":2,"version":"0.1.0","sha":null,"docker_label":null,"model_fingerprint":null}"#
    )
  }
}
#endif
