import Foundation
import SwiftletTokenizer
import Testing

/// How the files of a model directory configure a tokenizer.
@Suite struct DirectoryTests {
  @Test func `white space at the end of a line is not part of its token`() throws {
    for end in ["\n", "\r\n", " \n", "\u{3000}\t\n"] {
      let text = Small.vocabulary.replacing("\n", with: end)
      let tokenizer = try ModelDirectory(["vocab.txt": text]).tokenizer()
      #expect(tokenizer.vocabularySize == Small.tokens.count)
      #expect(tokenizer.encode("Hello world").ids == [2, 5, 6, 3])
    }
  }

  @Test func `the last line needs no line end`() throws {
    let tokenizer = try ModelDirectory(["vocab.txt": String(Small.vocabulary.dropLast())])
      .tokenizer()
    #expect(tokenizer.token(for: 16) == "中")
  }

  @Test func `the last of equal lines counts`() throws {
    let tokenizer = try ModelDirectory(["vocab.txt": Small.vocabulary + "hello\n"]).tokenizer()
    #expect(tokenizer.id(of: "hello") == 17)
    #expect(tokenizer.token(for: 5) == nil)
    #expect(tokenizer.token(for: 17) == "hello")
    #expect(tokenizer.vocabularySize == Small.tokens.count)
    #expect(tokenizer.maxID == 17)
  }

  @Test func `canonically equivalent tokens stay separate`() throws {
    let tokenizer = try ModelDirectory(["vocab.txt": Small.vocabulary + "e\u{301}\n"]).tokenizer()
    #expect(tokenizer.id(of: "\u{E9}") == 14)
    #expect(tokenizer.id(of: "e\u{301}") == 17)
  }

  @Test func `tokenizer.json precedes the vocabulary`() throws {
    let files = ["tokenizer.json": Small.json(), "vocab.txt": "[UNK]\n[CLS]\n[SEP]\n"]
    let tokenizer = try ModelDirectory(files).tokenizer()
    #expect(tokenizer.vocabularySize == Small.tokens.count)
    #expect(tokenizer.encode("hello").ids == [2, 5, 3])
  }

  @Test(arguments: [
    ("{}", [2, 10, 13, 3]), (#"{"do_lower_case":false}"#, [2, 12, 13, 3]),
    (#"{"do_lower_case":false,"tokenizer_class":"DistilBertTokenizer"}"#, [2, 12, 13, 3]),
    (#"{"do_lower_case":false,"tokenizer_class":"PreTrainedTokenizerFast"}"#, [10, 13]),
  ])
  func `the configuration overrides tokenizer.json`(configuration: String, ids: [Int32]) throws {
    let files = ["tokenizer.json": Small.json(), "tokenizer_config.json": configuration]
    #expect(try ModelDirectory(files).tokenizer().encode("A!").ids == ids)
  }

  /// As in transformers, the class has the values of missing settings.
  @Test(arguments: [
    (nil, "É", [2, 15, 3]), ("{}", "É", [2, 15, 3]), ("{}", "中中", [2, 16, 16, 3]),
    (#"{"do_lower_case":false}"#, "é", [2, 14, 3]),
    (#"{"tokenizer_class":"PreTrainedTokenizerFast"}"#, "É", [1]),
    (#"{"tokenizer_class":"PreTrainedTokenizerFast"}"#, "中中", [1]),
  ])
  func `missing settings are those of the BERT tokenizer class`(
    configuration: String?, text: String, ids: [Int32]
  ) throws {
    let normalizer = """
      {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":false,
      "strip_accents":false,"lowercase":false}
      """
    var files = ["tokenizer.json": Small.json(["normalizer": normalizer])]
    files["tokenizer_config.json"] = configuration
    let directory = try ModelDirectory(files)
    #expect(try directory.tokenizer().encode(text).ids == ids)
    let alone = try Tokenizer(tokenizerFile: directory.file("tokenizer.json"))
    #expect(alone.encode("É").ids == [1], "the file alone counts as it is")
  }

  @Test(arguments: [
    (#"{"max_len":64}"#, 64), (#"{"max_len":64,"model_max_length":128}"#, 128),
    (#"{"model_max_length":128,"max_len":64}"#, 128), ("{}", nil),
  ])
  func `the first release's name of the length is read`(text: String, length: Int?) throws {
    let files = ["vocab.txt": Small.vocabulary, "tokenizer_config.json": text]
    #expect(try ModelDirectory(files).tokenizer().modelMaxLength == length)
  }

  @Test(arguments: [
    (#"{"truncation_side":"left"}"#, TextSide.left), (#"{"truncation_side":"right"}"#, .right),
    (#"{"truncation_side":null}"#, .right), ("{}", .right),
  ])
  func `the side of truncation is read`(text: String, side: TextSide) throws {
    let files = ["vocab.txt": Small.vocabulary, "tokenizer_config.json": text]
    #expect(try ModelDirectory(files).tokenizer().truncationSide == side)
  }

  @Test func `tokenizer.json decides the side if the configuration does not`() throws {
    let section = #"{"direction":"Left","max_length":8,"strategy":"LongestFirst","stride":0}"#
    var files = ["tokenizer.json": Small.json(["truncation": section])]
    #expect(try ModelDirectory(files).tokenizer().truncationSide == .left)
    files["tokenizer_config.json"] = #"{"truncation_side":"right"}"#
    #expect(try ModelDirectory(files).tokenizer().truncationSide == .right)
  }

  @Test func `tokenizer.json says more of its tokens than the older file`() throws {
    let token = #"{"id":17,"content":"xx","special":true,"lstrip":false,"rstrip":false,"#
    let added = "[" + token + #""normalized":false,"single_word":true}]"#
    let files = [
      "tokenizer.json": Small.json(["added_tokens": added]),
      "added_tokens.json": #"{"xx":17,"new":18}"#,
    ]
    let tokenizer = try ModelDirectory(files).tokenizer()
    #expect(tokenizer.encode("helloxx xx new").ids == [2, 1, 17, 18, 3])
    #expect(tokenizer.isSpecial(17) && !tokenizer.isSpecial(18))
  }

  @Test(arguments: [
    #"{"bos_token":"hello"}"#, #"{"eos_token":{"content":"hello"}}"#,
    #"{"extra_special_tokens":{"image_token":"hello"}}"#,
    #"{"additional_special_tokens":["hello"]}"#,
    #"{"additional_special_tokens":["hello"],"extra_special_tokens":{}}"#,
    #"{"extra_special_tokens":[],"additional_special_tokens":["hello"]}"#,
    #"{"extra_special_tokens":["hello"],"additional_special_tokens":["world"]}"#,
  ])
  func `tokens of all roles are special`(configuration: String) throws {
    let files = ["vocab.txt": Small.vocabulary, "tokenizer_config.json": configuration]
    let tokenizer = try ModelDirectory(files).tokenizer()
    #expect(tokenizer.encode("ahellob HELLO").ids == [2, 10, 5, 11, 5, 3])
    #expect(tokenizer.isSpecial(5))
    #expect(tokenizer.decode([10, 5]) == "a")
  }

  @Test func `white space that a token strips is not matched again`() throws {
    let token = #"{"id":17,"content":"\n","special":false,"lstrip":true,"rstrip":true,"#
    let added = "[" + token + #""normalized":false,"single_word":false}]"#
    let tokenizer = try ModelDirectory(["tokenizer.json": Small.json(["added_tokens": added])])
      .tokenizer()
    #expect(tokenizer.encode("a\n\nb").ids == [2, 10, 17, 11, 3])
  }

  @Test(arguments: [
    ("{}", "É 中中", [15, 16, 16]), (#"{"strip_accents":false}"#, "É", [14]),
    (#"{"strip_accents":null,"do_lower_case":false}"#, "É", [1]),
    (#"{"strip_accents":true,"do_lower_case":false}"#, "é", [15]),
    (#"{"tokenize_chinese_chars":false}"#, "中中", [1]),
  ])
  func `the configuration applies to a vocabulary`(
    configuration: String, text: String, ids: [Int32]
  ) throws {
    let files = ["vocab.txt": Small.vocabulary, "tokenizer_config.json": configuration]
    let tokenizer = try ModelDirectory(files).tokenizer()
    #expect(tokenizer.encode(text, options: EncodingOptions(addSpecialTokens: false)).ids == ids)
  }

  @Test(arguments: [
    ("512", 512), ("512.0", 512), ("1000000000000000019884624838656", nil), ("1e30", nil),
    ("null", nil),
  ])
  func `model_max_length is read`(text: String, length: Int?) throws {
    let files = [
      "vocab.txt": Small.vocabulary, "tokenizer_config.json": "{\"model_max_length\":\(text)}",
    ]
    #expect(try ModelDirectory(files).tokenizer().modelMaxLength == length)
  }

  @Test func `special tokens may have other names`() throws {
    let vocabulary = Small.vocabulary.replacing("[CLS]", with: "<s>").replacing(
      "[SEP]",
      with: "</s>"
    )
    let files = [
      "vocab.txt": vocabulary,
      "tokenizer_config.json": #"{"cls_token":"<s>","sep_token":{"content":"</s>"}}"#,
    ]
    let tokenizer = try ModelDirectory(files).tokenizer()
    #expect(tokenizer.clsID == 2)
    #expect(tokenizer.sepID == 3)
    #expect(tokenizer.encode("a <s> b").ids == [2, 10, 2, 11, 3])
    #expect(tokenizer.isSpecial(2))
    #expect(!tokenizer.isSpecial(10))
    #expect(!tokenizer.isSpecial(999))
  }

  @Test func `older files name special and added tokens`() throws {
    let vocabulary = Small.vocabulary.replacing("[MASK]", with: "<mask>")
    let files = [
      "vocab.txt": vocabulary, "special_tokens_map.json": #"{"mask_token":"<mask>"}"#,
      "added_tokens.json": #"{"<two>":18,"one":17}"#,
    ]
    let tokenizer = try ModelDirectory(files).tokenizer()
    #expect(tokenizer.maskID == 4)
    #expect(tokenizer.encode("<mask>ONE<two>").ids == [2, 4, 17, 18, 3])
    #expect(tokenizer.vocabularySize == 19)
    #expect(tokenizer.decode([17, 18, 4]) == "one <two>")
  }

  @Test func `added tokens of the configuration are found`() throws {
    let decoder =
      #"{"added_tokens_decoder":{"17":{"content":"<new>","special":true,"lstrip":true,"#
      + #""normalized":false,"rstrip":false,"single_word":false}}}"#
    let files = ["vocab.txt": Small.vocabulary, "tokenizer_config.json": decoder]
    let tokenizer = try ModelDirectory(files).tokenizer()
    let encoding = tokenizer.encode("a <new>b")
    #expect(encoding.ids == [2, 10, 17, 11, 3])
    #expect(encoding.offsets == [0..<0, 0..<1, 1..<7, 7..<8, 0..<0])
  }

  @Test func `padding and mask that the vocabulary lacks follow it`() throws {
    let tokenizer = try ModelDirectory(["vocab.txt": "[UNK]\n[CLS]\n[SEP]\nmask\n[\n]\n"])
      .tokenizer()
    #expect(tokenizer.padID == 6)
    #expect(tokenizer.maskID == 7)
    #expect(tokenizer.encode("[MASK] mask").ids == [1, 7, 3, 2])
  }

  @Test func `ids may have gaps`() throws {
    let model = #"{"type":"WordPiece","vocab":{"b":2147483647,"[UNK]":5,"a":1000000}}"#
    let tokenizer = try ModelDirectory(["tokenizer.json": Small.json(["model": model])])
      .fileTokenizer()
    #expect(tokenizer.encode("a b c").ids == [1_000_000, .max, 5])
    #expect(tokenizer.token(for: .max) == "b")
    #expect(tokenizer.token(for: 1_000_000) == "a")
    #expect(tokenizer.token(for: 6) == nil)
    #expect(tokenizer.maxID == .max)
    #expect(tokenizer.vocabularySize == 3)
  }

  @Test func `both kinds of file give the same tokenizer`() throws {
    let folder = (Fixtures.bundledVocabulary as NSString).deletingLastPathComponent
    let whole = try Tokenizer(directory: folder)
    let plain = try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary)
    #expect(whole.vocabularySize == 30522)
    #expect(whole.modelMaxLength == 512)
    for text in try RandomTexts.make(500) {
      #expect(whole.encode(text) == plain.encode(text))
    }
  }
}
