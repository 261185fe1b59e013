import Foundation
import SwiftletTokenizer
import Testing

/// Every bad file has its own error, which names the file and the place.
@Suite struct FileErrorTests {
  @Test func `a missing directory is named`() throws {
    #expect(throws: TokenizerError.directoryNotFound(path: "/nowhere/at/all")) {
      try Tokenizer(directory: "/nowhere/at/all")
    }
  }

  @Test func `a file instead of a directory is named`() throws {
    let path = try ModelDirectory(["vocab.txt": Small.vocabulary])
    #expect(throws: TokenizerError.notADirectory(path: path.file("vocab.txt"))) {
      try Tokenizer(directory: path.file("vocab.txt"))
    }
  }

  @Test func `the error on a directory without vocabulary says what was looked for`() throws {
    let failure = try ModelDirectory(["config.json": "{}"]).failure()
    #expect(failure == "no tokenizer in <dir>: looked for tokenizer.json, then vocab.txt")
  }

  @Test func `a missing file is named`() throws {
    #expect(
      throws: TokenizerError.unreadable(path: "/no/vocab.txt", reason: "No such file or directory")
    ) {
      try Tokenizer(vocabularyFile: "/no/vocab.txt")
    }
    #expect(throws: TokenizerError.unreadable(path: "/", reason: "Is a directory")) {
      try Tokenizer(tokenizerFile: "/")
    }
  }

  @Test(arguments: [
    ("", "<dir>/vocab.txt: the vocabulary is empty"),
    (
      "[PAD]\n[CLS]\n[SEP]\na\n",
      "<dir>/vocab.txt: the vocabulary lacks the unknown token \"[UNK]\""
    ),
    ("[UNK]\n[SEP]\na\n", "<dir>/vocab.txt: the vocabulary lacks the classifier token \"[CLS]\""),
    ("[UNK]\n[CLS]\na\n", "<dir>/vocab.txt: the vocabulary lacks the separator token \"[SEP]\""),
  ])
  func `a bad vocabulary is refused`(text: String, message: String) throws {
    #expect(try ModelDirectory(["vocab.txt": text]).failure() == message)
  }

  @Test(
    arguments: [[0x80], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF, 0xFE]] as [[UInt8]]
  )
  func `a vocabulary that is not UTF-8 is refused with the line`(bytes: [UInt8]) throws {
    let directory = try ModelDirectory([:])
    try directory.write("vocab.txt", Data("[UNK]\n[CLS]\r\n[SEP]\r".utf8) + Data(bytes))
    #expect(directory.failure() == "<dir>/vocab.txt: line 3 is not UTF-8")
  }

  @Test(arguments: [
    ("tokenizer.json", #""version":"1.0","version":"1.0","#),
    ("tokenizer.json", #""truncation":{"max_length":1,"strategy":"LongestFirst","stride":0},"#),
    ("tokenizer_config.json", #""x":NaN,"y":[-Infinity,1e999],"#),
    ("tokenizer_config.json", #""do_lower_case":false,"chat_template":"\ud83d","#),
    ("special_tokens_map.json", #""unk_token":"[PAD]","#),
  ])
  func `files that Python reads are accepted`(file: String, members: String) throws {
    var files = [
      "tokenizer.json": Small.json(),
      "tokenizer_config.json": #"{"tokenizer_class":"BertTokenizer","do_lower_case":true}"#,
      "special_tokens_map.json": #"{"unk_token":"[UNK]"}"#,
    ]
    let expected = try ModelDirectory(files).tokenizer().encode("Hello zz", options: .init())
    files[file]?.replace("{", with: "{" + members, maxReplacements: 1)
    let found = try ModelDirectory(files).tokenizer()
    #expect(found.encode("Hello zz", options: found.storedOptions) == expected)
  }

  @Test(arguments: [
    ("", "the JSON ends too early, at byte 0"),
    ("{\"version\":\"1.0\"", "the JSON ends too early, at byte 16"),
    ("[]", "expected an object at byte 0, found an array"),
    ("{\"model\" 3}", "expected ':' at byte 9, found '3'"),
    ("{\"version\":\"2.0\"}", "the version 2.0 is not supported; supported: 1.0"),
    ("{\"version\":1}", "expected a string at byte 11, found a number"),
    ("{\"padding\":null} x", "unexpected text after the JSON value at byte 17"),
    (
      "{\"pre_tokenizer\":null}",
      "the pre-tokenizer null is not supported; supported: BertPreTokenizer, Punctuation, "
        + "Whitespace, WhitespaceSplit, and a Sequence of these"
    ),
    ("{\"model\":null}", "expected an object at byte 9, found null"),
    (
      Small.json().replacing("\"model\"", with: "\"other\""), "the key \"model\" is missing"
    ),
  ])
  func `a malformed file is refused with the byte`(text: String, message: String) throws {
    #expect(
      try ModelDirectory(["tokenizer.json": text]).fileFailure() == "<dir>/tokenizer.json: "
        + message
    )
  }

  @Test(arguments: [
    ("\"a\":1,\"[UNK]\":0,\"a\":2", "duplicate token \"a\""),
    ("\"a\":1,\"[UNK]\":0,\"\\u0061\":2", "duplicate token \"a\""),
    ("\"[UNK]\":0,\"a\":7,\"b\":7", "the tokens \"a\" and \"b\" have the same id 7"),
    ("\"[UNK]\":0,\"a\":-1", "the token \"a\" has the id -1; expected 0 to 2147483647"),
    (
      "\"[UNK]\":0,\"a\":2147483648",
      "the token \"a\" has the id 2147483648; expected 0 to 2147483647"
    ),
    ("\"[UNK]\":0,\"a\":1e3", "not a JSON number at byte 145"),
    ("\"[UNK]\":0,\"a\":99999999999999999999", "number out of range at byte 145"),
    ("\"[UNK]\":0,\"a\":\"1\"", "expected a number at byte 145, found a string"),
    ("", "the vocabulary is empty"),
    ("\"a\":0", "the vocabulary lacks the unknown token \"[UNK]\""),
  ])
  func `a bad vocabulary object is refused`(entries: String, message: String) throws {
    let model = #"{"type":"WordPiece","unk_token":"[UNK]","vocab":{"# + entries + "}}"
    let directory = try ModelDirectory(["tokenizer.json": Small.json(["model": model])])
    let failure = try #require(directory.fileFailure())
    if message.contains(" at byte ") {
      let words = message.split(separator: " at byte ")[0]
      #expect(failure.hasPrefix("<dir>/tokenizer.json: \(words) at byte "))
    } else {
      #expect(failure == "<dir>/tokenizer.json: " + message)
    }
  }

  @Test(arguments: [
    (#"{"type":"BPE","vocab":{"a":0},"merges":[]}"#, "BPE"),
    (#"{"type":"Unigram","unk_id":0,"vocab":[["a",-1.5]]}"#, "Unigram"),
    (#"{"vocab":{"a":0},"merges":[]}"#, "(none given)"),
    (#"{"vocab":{"a":0},"unk_token":"a"}"#, "(none given)"),
  ])
  func `other models are refused by name`(model: String, found: String) throws {
    #expect(
      try ModelDirectory(["tokenizer.json": Small.json(["model": model])]).fileFailure()
        == "<dir>/tokenizer.json: the model type \(found) is not supported; supported: WordPiece"
    )
  }

  @Test(arguments: [
    ("normalizer", #"{"type":"Nmt"}"#, "normalizer Nmt"),
    ("normalizer", #"{"lowercase":true}"#, "normalizer (none given)"),
    (
      "normalizer", #"{"type":"Sequence","normalizers":[{"type":"ByteLevel"}]}"#,
      "normalizer ByteLevel"
    ),
    (
      "normalizer", #"{"type":"Replace","pattern":{"Regex":"a+"},"content":""}"#,
      "pattern of Replace Regex"
    ),
    ("pre_tokenizer", #"{"type":"ByteLevel"}"#, "pre-tokenizer ByteLevel"),
    (
      "pre_tokenizer", #"{"type":"Sequence","pretokenizers":[]}"#,
      "pre-tokenizer empty Sequence"
    ),
    ("pre_tokenizer", #"{"type":"Sequence","pretokenizers":[null]}"#, "pre-tokenizer null"),
    (
      "pre_tokenizer", #"{"type":"Sequence","pretokenizers":[{"type":"Digits"}]}"#,
      "pre-tokenizer Digits"
    ),
    (
      "pre_tokenizer", #"{"type":"Punctuation","behavior":"Odd"}"#, "behavior of Punctuation Odd"
    ),
    ("padding", #"{"strategy":{"Longest":3}}"#, "padding strategy Longest"),
    ("post_processor", #"{"type":"RobertaProcessing"}"#, "post-processor RobertaProcessing"),
    ("decoder", #"{"type":"ByteLevel"}"#, "decoder ByteLevel"),
  ])
  func `unsupported parts are refused by name`(section: String, json: String, found: String) throws
  {
    let failure = try ModelDirectory(["tokenizer.json": Small.json([section: json])]).fileFailure()
    #expect(failure?.hasPrefix("<dir>/tokenizer.json: the \(found) is not supported") == true)
  }

  @Test(arguments: [
    ("normalizer", #"{"type":"Prepend"}"#, "the key \"prepend of Prepend\" is missing"),
    (
      "normalizer", #"{"type":"Replace","content":""}"#,
      "the key \"pattern of Replace\" is missing"
    ),
    (
      "normalizer", #"{"type":"Replace","pattern":{"String":"a"}}"#,
      "the key \"content of Replace\" is missing"
    ),
    (
      "normalizer", #"{"type":"Replace","pattern":{"String":""},"content":"a"}"#,
      "\"pattern of Replace\" is empty; expected a text to replace"
    ),
    (
      "truncation", #"{"max_length":-1}"#, "\"max_length\" is -1; expected 0 to 1048576"
    ),
    (
      "truncation", #"{"stride":9000000000}"#,
      "\"stride\" is 9000000000; expected 0 to 1048576"
    ),
    (
      "truncation", #"{"strategy":"Odd"}"#,
      "\"strategy\" is \"Odd\"; expected LongestFirst or OnlyFirst or OnlySecond"
    ),
    (
      "truncation", #"{"direction":"Up"}"#, "\"direction\" is \"Up\"; expected Left or Right"
    ),
    (
      "padding", #"{"strategy":"Shortest"}"#,
      "\"strategy\" is \"Shortest\"; expected BatchLongest"
    ),
    ("padding", #"{"strategy":{}}"#, "the key \"Fixed of padding\" is missing"),
    (
      "padding", #"{"strategy":{"Fixed":2097152}}"#,
      "\"Fixed\" is 2097152; expected 0 to 1048576"
    ),
    (
      "padding", #"{"pad_id":-1}"#,
      "the token \"pad_id\" has the id -1; expected 0 to 2147483647"
    ),
  ])
  func `bad sections are refused`(section: String, json: String, message: String) throws {
    let failure = try ModelDirectory(["tokenizer.json": Small.json([section: json])]).fileFailure()
    #expect(failure == "<dir>/tokenizer.json: " + message)
  }

  /// Each line of such a file could double the text, or the special tokens around it.
  @Test func `files that would fill the memory are refused`() throws {
    let replace = #"{"type":"Replace","pattern":{"String":"a"},"content":"aaaa"}"#
    func normalizer(_ count: Int) -> String {
      let parts = Array(repeating: replace, count: count).joined(separator: ",")
      return #"{"type":"Sequence","normalizers":["# + parts + "]}"
    }
    func failure(_ section: String, _ json: String) throws -> String? {
      try ModelDirectory(["tokenizer.json": Small.json([section: json])]).fileFailure()
    }
    #expect(try failure("normalizer", normalizer(4)) == nil)
    #expect(
      try failure("normalizer", normalizer(5))
        == "<dir>/tokenizer.json: \"normalizer\" is one that makes text up to 1024 times as "
        + "long and 0 characters longer; expected at most 256 times and 4096 characters")
    let words = #"{"type":"Replace","pattern":{"String":"i"},"content":"\u0130"}"#
    let marks = #"{"type":"Replace","pattern":{"String":"\u0307"},"content":"\u0130"}"#
    let turns = Array(repeating: #"{"type":"Lowercase"},"# + words + "," + marks, count: 26)
    let letter = #"{"type":"NFKD"},{"type":"Replace","pattern":{"String":"l"},"content":"\ufdfa"}"#
    let space =
      #"{"type":"BertNormalizer"},{"type":"Replace","pattern":{"String":" "},"content":"中"}"#
    for parts in [turns, Array(repeating: letter, count: 12), Array(repeating: space, count: 20)] {
      let sequence = #"{"type":"Sequence","normalizers":["# + parts.joined(separator: ",") + "]}"
      #expect(try failure("normalizer", sequence)?.contains("256 times") == true)
    }
    let bert = Array(repeating: #"{"type":"BertNormalizer"}"#, count: 6).joined(separator: ",")
    let many = #"{"type":"Sequence","normalizers":["# + bert + "]}"
    #expect(try failure("normalizer", many)?.contains("256 times") == true)
    for few in [#"{"type":"BertNormalizer"},{"type":"NFKC"}"#, #"{"type":"NFC"},{"type":"NFKD"}"#] {
      let sequence = #"{"type":"Sequence","normalizers":["# + few + "]}"
      #expect(try failure("normalizer", sequence) == nil)
    }
    #expect(try failure("normalizer", normalizer(100))?.contains("256 times") == true)
    let prepend = #"{"type":"Prepend","prepend":""# + String(repeating: "a", count: 4097) + #""}"#
    #expect(try failure("normalizer", prepend)?.contains("4097 characters longer") == true)

    let ids = Array(repeating: "3", count: 300).joined(separator: ",")
    let special = #"{"SpecialToken":{"id":"[SEP]","type_id":0}}"#
    let template =
      #"{"type":"TemplateProcessing","single":["# + special + "," + special + #"],"pair":[],"#
      + #""special_tokens":{"[SEP]":{"id":"[SEP]","ids":["# + ids + "]}}}"
    #expect(
      try failure("post_processor", template)
        == "<dir>/tokenizer.json: \"post_processor\" is a template with 600 special tokens; "
        + "expected at most 512")
  }

  @Test(arguments: [
    (
      #"{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":"#
        + #"{"id":"A","type_id":0}}],"pair":[]}"#,
      "the template with A twice is not supported; supported: each text once"
    ),
    (
      #"{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":0}}],"pair":[]}"#,
      "\"Sequence\" is B; expected A, in the template for a single text"
    ),
    (
      #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0}}]}"#,
      "the key \"special_tokens.[CLS]\" is missing"
    ),
    (
      #"{"type":"BertProcessing","sep":["[SEP]",3]}"#,
      "the key \"cls of BertProcessing\" is missing"
    ),
  ])
  func `bad templates are refused`(json: String, message: String) throws {
    let directory = try ModelDirectory(["tokenizer.json": Small.json(["post_processor": json])])
    #expect(directory.fileFailure() == "<dir>/tokenizer.json: " + message)
  }

  @Test(arguments: [
    (
      "tokenizer_config.json", "{\"do_lower_case\":1}",
      "expected a boolean at byte 17, found a number"
    ),
    (
      "tokenizer_config.json", "{\"model_max_length\":0}",
      "\"model_max_length\" is 0.0; expected at least 1"
    ),
    (
      "tokenizer_config.json", "{\"added_tokens_decoder\":{\"x\":{}}}",
      "\"added_tokens_decoder\" is \"x\"; expected an id"
    ),
    (
      "tokenizer_config.json", "{\"added_tokens_decoder\":{\"7\":{}}}",
      "the key \"content of an added token\" is missing"
    ),
    ("special_tokens_map.json", "[", "expected an object at byte 0, found an array"),
    (
      "added_tokens.json", "{\"x\":-5}",
      "the token \"x\" has the id -5; expected 0 to 2147483647"
    ),
  ])
  func `a bad configuration is refused`(name: String, text: String, message: String) throws {
    let directory = try ModelDirectory(["vocab.txt": Small.vocabulary, name: text])
    #expect(directory.failure() == "<dir>/\(name): \(message)")
  }

  @Test func `deep nesting is refused`() throws {
    let text = "{\"other\":" + String(repeating: "[", count: 100_000)
    let failure = try ModelDirectory(["tokenizer.json": text]).fileFailure()
    #expect(failure?.contains("nested deeper than") == true)
    let nested = String(repeating: #"{"type":"Sequence","normalizers":["#, count: 100_000)
    let other = try ModelDirectory(["tokenizer.json": "{\"normalizer\":" + nested]).fileFailure()
    #expect(other?.contains("nested deeper than") == true)
  }

  /// A file that is cut short or has a changed byte is an error or a tokenizer, never a trap.
  @Test func `damaged files do not trap`() throws {
    let path = Fixtures.folder.appending(path: "added.tokenizer.json")
    let bytes = [UInt8](try Data(contentsOf: path))
    var state: UInt64 = 7
    for round in 0..<400 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // The head and the tail hold everything but the vocabulary.
      let place = Int(state >> 33) % 6000
      let at = round % 2 == 0 ? min(place, bytes.count - 1) : max(bytes.count - 1 - place, 0)
      var damaged = bytes
      if round % 3 == 0 {
        damaged.removeSubrange(at...)
      } else {
        damaged[at] = UInt8(truncatingIfNeeded: state >> 20)
      }
      let tokenizer = try? Tokenizer(tokenizerJSON: damaged)
      _ = tokenizer?.encode("Foo bar [MASK] naïve 東京 <x> text", pair: "ab abc")
    }
  }

  /// The seeds of the fuzzer, and inputs that it found.
  @Test(arguments: ["tokenizer", "vocabulary"])
  func `files from the fuzzer do not trap`(kind: String) throws {
    let folder = Fixtures.root.appending(path: "Tests/Fuzzing/corpus/\(kind)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    try #require(!names.isEmpty)
    for name in names {
      let path = folder.appending(path: name).path
      let tokenizer =
        kind == "tokenizer"
        ? try? Tokenizer(tokenizerFile: path) : try? Tokenizer(vocabularyFile: path)
      _ = tokenizer?.encode("Foo bar [MASK] naïve 東京 <x> text", pair: "ab abc")
    }
  }
}
