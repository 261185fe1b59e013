#if Server
import Swiftlet
import Testing

@testable import SwiftletServer

extension WireTests {
  @Test func `null is the default of every option, at the top and under parameters`() throws {
    func check<Body: Equatable>(
      _ required: String, _ options: [String], _ parse: ([UInt8]) throws(RequestError) -> Body
    ) throws {
      let plain = try parse(Array("{\(required)}".utf8))
      for option in options {
        for body in [
          "{\(required),\"\(option)\":null}",
          "{\"parameters\":{\"\(option)\":null},\(required)}",
        ] {
          #expect(try parse(Array(body.utf8)) == plain, "\(body)")
        }
      }
      #expect(try parse(Array("{\(required),\"parameters\":null}".utf8)) == plain)
    }
    try check(#""inputs":"a""#, PredictRequest.options, PredictRequest.init(json:))
    try check(#""inputs":"a""#, EmbedRequest.options, EmbedRequest.init(json:))
    try check(#""inputs":"a""#, TokenizeRequest.options, TokenizeRequest.init(json:))
    try check(#""ids":[1]"#, DecodeRequest.options, DecodeRequest.init(json:))
    try check(#""query":"q","texts":["a"]"#, RerankRequest.options, RerankRequest.init(json:))
    try check(
      #""inputs":{"source_sentence":"s","sentences":["a"]}"#, SimilarityRequest.options,
      SimilarityRequest.init(json:))
    try check(
      #""input":"a""#, OpenAIEmbeddingsRequest.options, OpenAIEmbeddingsRequest.init(json:))
  }

  @Test func `options under parameters equal those at the top`() throws {
    let options =
      #""function_to_apply":"sigmoid","top_k":3,"truncate":false,"truncation_direction":"Left""#
    let top = try PredictRequest(json: Array(#"{"inputs":"a",\#(options)}"#.utf8))
    let below = try PredictRequest(
      json: Array(#"{"parameters":{\#(options)},"inputs":"a"}"#.utf8))
    #expect(top == below)
    #expect(top.scoreFunction == .sigmoid && top.topK == 3 && top.truncate == false)
    let embed = try EmbedRequest(
      json: Array(#"{"inputs":"a","parameters":{"normalize":false,"dimensions":7}}"#.utf8))
    #expect(embed.normalize == false && embed.dimensions == 7)
  }

  @Test(arguments: [
    ("candidate_labels", #"["a","b"]"#, "zero-shot classification"),
    ("hypothesis_template", #""It is {}.""#, "zero-shot classification"),
    ("multi_label", "true", "zero-shot classification"),
    ("aggregation_strategy", #""simple""#, "token classification"),
    ("ignore_labels", "[]", "token classification"), ("stride", "0", "token classification"),
    ("doc_stride", "128", "question answering"), ("targets", #"["a"]"#, "masks"),
    ("generate_parameters", "{}", "generating text"), ("return_all_scores", "true", "top_k"),
    ("truncation", "true", "`truncate`"),
  ])
  func `a parameter that the route lacks is refused by name at any place`(
    name: String, value: String, part: String
  ) {
    for body in [
      #"{"inputs":"a","parameters":{"\#(name)":\#(value)}}"#,
      #"{"inputs":"a","\#(name)":\#(value)}"#,
    ] {
      for parse in [{ _ = try PredictRequest(json: $0) }, { _ = try EmbedRequest(json: $0) }]
        as [([UInt8]) throws -> Void]
      {
        #expect("\(body)") {
          try parse(Array(body.utf8))
        } throws: { error in
          guard case RequestError.shape(let message) = error else { return false }
          return message.contains("\(name): this parameter") && message.contains(part)
        }
      }
    }
  }

  @Test func `each route refuses the other task's parameters`() {
    for name in ["normalize", "dimensions", "prompt_name"] {
      let body = Array(#"{"query":"q","texts":["a"],"inputs":"a","\#(name)":1}"#.utf8)
      #expect(throws: RequestError.self) { try PredictRequest(json: body) }
      #expect(throws: RequestError.self) { try RerankRequest(json: body) }
    }
    for name in ["top_k", "function_to_apply"] {
      let body = Array(#"{"inputs":"a","\#(name)":1}"#.utf8)
      #expect(throws: RequestError.self) { try EmbedRequest(json: body) }
    }
  }

  @Test(arguments: [
    (#"{"inputs":"a","parameters":{"unknown":1}}"#, "`top_k`"),
    (#"{"inputs":"a","parameters":{"normalize":true}}"#, "parameters.normalize"),
    (#"{"inputs":"a","parameters":[]}"#, "parameters: expected an object"),
    (#"{"inputs":"a","top_k":1,"parameters":{"top_k":2}}"#, "given twice"),
    (#"{"inputs":"a","parameters":{"top_k":1},"top_k":1}"#, "given twice"),
    (#"{"inputs":"a","top_k":0}"#, "top_k: expected a whole number from 1"),
    (#"{"inputs":"a","function_to_apply":"tanh"}"#, #"expected "sigmoid", "softmax" or "none""#),
    (#"{"inputs":"a","raw_scores":true,"function_to_apply":"softmax"}"#, "leave one of them out"),
  ])
  func `contradictions and unknown option values are refused`(body: String, part: String) {
    #expect {
      try PredictRequest(json: Array(body.utf8))
    } throws: { error in
      guard case RequestError.shape(let message) = error else { return false }
      return message.contains(part)
    }
  }

  @Test func `raw scores and the function none agree`() throws {
    let body = #"{"inputs":"a","raw_scores":true,"function_to_apply":"none"}"#
    #expect(try PredictRequest(json: Array(body.utf8)).scoreFunction == ScoreFunction.none)
  }
}
#endif
