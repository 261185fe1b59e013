#if Server
import Swiftlet
import Testing

@testable import SwiftletServer

@Suite struct WireTests {
  // MARK: Shapes

  @Test(
    arguments: [
      (#"{"inputs":"a"}"#, .single(TextInput(text: "a"))),
      (#"{"inputs":["a"]}"#, .single(TextInput(text: "a"))),
      (#"{"inputs":["a","b"]}"#, .single(TextInput(text: "a", pair: "b"))),
      (#"{"inputs":[["a"]]}"#, .batch([TextInput(text: "a")])),
      (
        #" { "inputs" : [ ["a"] , ["b","c"] ] } "#,
        .batch([TextInput(text: "a"), TextInput(text: "b", pair: "c")])
      ),
      (
        #"{"unknown":{"deep":[1,2,{"inputs":3}]},"inputs":"é\ud83d\ude00"}"#,
        .single(TextInput(text: "é😀"))
      ),
    ] as [(String, PredictInputs)])
  func `two strings are a pair, lists of lists are a batch`(body: String, expected: PredictInputs)
    throws
  {
    #expect(try PredictRequest(json: Array(body.utf8)).inputs == expected)
  }

  @Test func `every field of a prediction is read, and has the default of the reference`() throws {
    let plain = try PredictRequest(json: Array(#"{"inputs":"a","truncate":null}"#.utf8))
    #expect(plain == PredictRequest(inputs: .single(TextInput(text: "a"))))
    let body = #"{"raw_scores":true,"truncation_direction":"left","truncate":false,"inputs":"a"}"#
    let full = try PredictRequest(json: Array(body.utf8))
    #expect(
      full
        == PredictRequest(
          inputs: .single(TextInput(text: "a")), truncate: false, truncationDirection: .left,
          scoreFunction: ScoreFunction.none))
  }

  @Test(
    arguments: [
      (#"{"inputs":"a"}"#, .single(.text("a"))),
      (#"{"inputs":[101,102]}"#, .single(.ids([101, 102]))),
      (#"{"inputs":[]}"#, .single(.ids([]))),
      (#"{"inputs":["a"]}"#, .batch([.text("a")])),
      (#"{"inputs":[[1],"a",[]]}"#, .batch([.ids([1]), .text("a"), .ids([])])),
    ] as [(String, EmbedInputs)])
  func `texts and lists of ids mix in a batch to embed, never in one input`(
    body: String, expected: EmbedInputs
  ) throws {
    #expect(try EmbedRequest(json: Array(body.utf8)).inputs == expected)
    let openAI = Array(body.replacing("inputs", with: "input").utf8)
    #expect(try OpenAIEmbeddingsRequest(json: openAI).input == expected)
  }

  @Test func `the other requests are read field by field`() throws {
    let embed = try EmbedRequest(
      json: Array(#"{"inputs":"a","normalize":false,"dimensions":0,"prompt_name":"q"}"#.utf8))
    #expect(embed.normalize == false && embed.dimensions == 0 && embed.promptName == "q")
    let rerank = try RerankRequest(
      json: Array(#"{"query":"q","texts":["a","b"],"return_text":true}"#.utf8))
    #expect(rerank == RerankRequest(query: "q", texts: ["a", "b"], returnText: true))
    let similarity = try SimilarityRequest(
      json: Array(
        #"{"inputs":{"source_sentence":"s","sentences":["a"]},"parameters":{"truncate":true}}"#.utf8
      ))
    #expect(
      similarity == SimilarityRequest(sourceSentence: "s", sentences: ["a"], truncate: true))
    let openAI = try OpenAIEmbeddingsRequest(
      json: Array(#"{"input":"a","model":"m","user":"u","encoding_format":"base64"}"#.utf8))
    #expect(openAI.model == "m" && openAI.user == "u" && openAI.encodingFormat == .base64)
    let tokenize = try TokenizeRequest(
      json: Array(#"{"inputs":["a"],"add_special_tokens":false}"#.utf8))
    #expect(tokenize == TokenizeRequest(inputs: .batch(["a"]), addSpecialTokens: false))
    let decode = try DecodeRequest(
      json: Array(#"{"ids":[[1],[2,3]],"skip_special_tokens":false}"#.utf8))
    #expect(decode == DecodeRequest(ids: .batch([[1], [2, 3]]), skipSpecialTokens: false))
    #expect(try DecodeRequest(json: Array(#"{"ids":[]}"#.utf8)).ids == .single([]))
  }

  @Test(arguments: [
    #"{"inputs":"a","foo":1,"foo":2}"#, #"{"foo":{"x":1,"x":[{"y":1,"y":2}]},"inputs":"a"}"#,
  ])
  func `unknown fields may repeat`(body: String) throws {
    #expect(try PredictRequest(json: Array(body.utf8)).inputs == .single(TextInput(text: "a")))
  }

  // MARK: Refusals

  @Test(arguments: [
    (#"{}"#, "missing field `inputs`"), (#"[]"#, "expected an object"),
    (#"{"inputs":null}"#, "inputs: expected"), (#"{"inputs":3}"#, "inputs: expected"),
    (#"{"inputs":[]}"#, "inputs: expected a list of one text"),
    (#"{"inputs":["a","b","c"]}"#, "found 3"), (#"{"inputs":[["a","b","c"]]}"#, "found 3"),
    (#"{"inputs":[[]]}"#, "found 0"), (#"{"inputs":["a",["b"]]}"#, "inputs: expected"),
    (#"{"inputs":[["a"],"b"]}"#, "inputs: expected"),
    (#"{"inputs":"a","inputs":"b"}"#, "`inputs` is given twice"),
    (#"{"inputs":"a","raw_scores":1}"#, "raw_scores: expected a boolean"),
    (#"{"inputs":"a","truncate":1}"#, "truncate: expected a boolean"),
    (#"{"inputs":"a","truncation_direction":"up"}"#, "truncation_direction: expected \"Left\""),
  ])
  func `JSON of another shape is an error that names the field`(body: String, part: String) {
    #expect {
      try PredictRequest(json: Array(body.utf8))
    } throws: { error in
      guard case RequestError.shape(let message) = error else { return false }
      return message.hasPrefix("Failed to deserialize the JSON body into the target type: ")
        && message.contains(part) && message.contains(" at line 1 column ")
    }
  }

  @Test(arguments: [
    "-1", "2147483648", "99999999999999999999999999", "1.5", "1e2", "1e999", "\"1\"", "true",
    "[1]",
  ])
  func `ids that no vocabulary can have are shape errors`(id: String) {
    for body in [#"{"inputs":[5,\#(id)]}"#, #"{"inputs":[[\#(id)]]}"#] {
      #expect {
        try EmbedRequest(json: Array(body.utf8))
      } throws: { error in
        guard case RequestError.shape = error else { return false }
        return true
      }
    }
    #expect(throws: RequestError.self) {
      try DecodeRequest(json: Array(#"{"ids":[[2],[\#(id)]]}"#.utf8))
    }
  }

  @Test(arguments: [
    "", " ", "{", #"{"inputs":"a"#, #"{"inputs":"a"} x"#, #"{"inputs":"a",}"#, #"{"inputs":'a'}"#,
    #"{"inputs":"\ud800"}"#, #"{"inputs":"\udc00\ud800"}"#, #"{"inputs":"\x"}"#,
    "{\"inputs\":\"\u{1}\"}", #"{"inputs":"a","other":01}"#, #"{"inputs":"a","other":1.}"#,
    #"{"inputs":[1.]}"#, #"{"inputs":nul}"#, "\u{FEFF}{}",
  ])
  func `malformed JSON is a syntax error`(body: String) {
    for parse in [
      { _ = try EmbedRequest(json: $0) }, { _ = try TokenizeRequest(json: $0) },
    ] as [([UInt8]) throws -> Void] {
      #expect {
        try parse(Array(body.utf8))
      } throws: { error in
        guard case RequestError.syntax(let message) = error else { return false }
        return message.hasPrefix("Failed to parse the request body as JSON: ")
          && message.contains(" at line 1 column ")
      }
    }
  }

  @Test func `invalid UTF-8 is a syntax error`() {
    let sequences: [[UInt8]] = [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2],
    ]
    for bad in sequences {
      let body = Array(#"{"inputs":""#.utf8) + bad + Array(#""}"#.utf8)
      #expect(
        throws: RequestError.syntax(
          "Failed to parse the request body as JSON: the body is not UTF-8 at line 1 column 12")
      ) { try PredictRequest(json: body) }
    }
  }

  @Test func `megabytes of brackets, keys or digits are an error, not a trap`() {
    let brackets = [UInt8](repeating: UInt8(ascii: "["), count: 2_000_000)
    // Bodies that are read to their end before they are refused are shorter, as debug builds are slow.
    let size = 200_000
    let bodies = [
      brackets, Array(#"{"inputs":"#.utf8) + brackets, Array(#"{"x":"#.utf8) + brackets,
      Array(String(repeating: #"{"a":"#, count: size).utf8),
      Array(#"{"inputs":[\#(String(repeating: "9", count: size))]}"#.utf8),
      [UInt8](repeating: UInt8(ascii: "\""), count: size),
      Array(#"{"\#(String(repeating: "k", count: size))":1}"#.utf8),
      [UInt8](repeating: 0, count: size),
    ]
    for body in bodies {
      for parse in [
        { _ = try PredictRequest(json: $0) }, { _ = try EmbedRequest(json: $0) },
        { _ = try RerankRequest(json: $0) }, { _ = try SimilarityRequest(json: $0) },
        { _ = try OpenAIEmbeddingsRequest(json: $0) }, { _ = try TokenizeRequest(json: $0) },
        { _ = try DecodeRequest(json: $0) },
      ] as [([UInt8]) throws -> Void] {
        #expect {
          try parse(body)
        } throws: { error in
          guard let error = error as? RequestError else { return false }
          return error.message.utf8.count < 400
        }
      }
    }
  }

  @Test func `messages have the line and the column in characters`() {
    let body = "{\n  \"é\": 1,\n  \"inputs\": \"ü\", \"raw_scores\": 3\n}"
    #expect(
      throws: RequestError.shape(
        "Failed to deserialize the JSON body into the target type: raw_scores: expected a boolean, "
          + "found a number at line 3 column 32")
    ) { try PredictRequest(json: Array(body.utf8)) }
  }

  @Test func `every prefix of a request is read or refused without a trap`() {
    let body = Array(
      #"{"inputs":[["a\u00e9"],["b","c"]],"truncate":true,"x":[{"y":-1.5e+3}],"raw_scores":true}"#
        .utf8)
    for count in body.indices {
      #expect(throws: RequestError.self) { try PredictRequest(json: Array(body[..<count])) }
    }
    for index in body.indices {
      for byte: UInt8 in [0, 0x22, 0x5B, 0x7D, 0xFF, 0x5C] {
        var changed = body
        changed[index] = byte
        _ = try? PredictRequest(json: changed)
      }
    }
  }
}
#endif
