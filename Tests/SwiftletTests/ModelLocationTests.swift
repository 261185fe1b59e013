import Foundation
import Swiftlet
import SwiftletSafetensors
import Testing

/// Paths that are not a model's folder, and files in a folder that are not a model's.
@Suite struct ModelLocationTests {
  /// A folder of files and folders, gone with the object.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-location-\(UUID().uuidString)").path

    init(_ files: [String: String] = [:], copying fixtures: [String: String] = [:]) throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      for (name, text) in files { try write(text, to: name) }
      for (name, fixture) in fixtures {
        try makeParent(of: name)
        try FileManager.default.copyItem(atPath: Fixture.path(fixture), toPath: file(name))
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, to name: String) throws {
      try makeParent(of: name)
      try Data(text.utf8).write(to: URL(filePath: file(name)))
    }

    private func makeParent(of name: String) throws {
      try FileManager.default.createDirectory(
        at: URL(filePath: file(name)).deletingLastPathComponent(), withIntermediateDirectories: true
      )
    }
  }

  private func expect(
    _ words: [String], of path: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let output = FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-unwritten-\(UUID().uuidString)").path
    let loads: [() throws -> Void] = [
      { _ = try Classifier(directory: path) }, { _ = try Embedder(directory: path) },
      { try ModelQuantizer.quantize(directory: path, into: output) },
    ]
    for load in loads {
      let error = #expect(throws: SwiftletError.self, sourceLocation: sourceLocation) { try load() }
      for word in words {
        #expect(
          error?.description.contains(word) == true, "\(word) in \(String(describing: error))",
          sourceLocation: sourceLocation)
      }
    }
  }

  // MARK: Names and addresses

  @Test(arguments: [
    ("org/name", "hf download org/name --local-dir name"),
    (
      "distilbert-base-uncased",
      "hf download distilbert-base-uncased --local-dir distilbert-base-uncased"
    ),
    ("https://huggingface.co/org/my.model", "hf download org/my.model --local-dir my.model"),
    ("https://huggingface.co/org/name/tree/main", "hf download org/name --local-dir name"),
    ("hf://org/name", "hf download org/name --local-dir name"),
  ])
  func `the error on a Hub name has the download command`(path: String, words: String) {
    expect(["there is no folder \(path)", words], of: path)
  }

  @Test(arguments: ["/no/such/folder", "./models/one", "a/b/c", "../x", "a b", "-x", "models/"])
  func `a missing path is not taken for a Hub name`(path: String) throws {
    let error = #expect(throws: SwiftletError.self) { try ModelLocation(path) }
    #expect(error?.description.contains("there is no folder \(path)") == true)
    #expect(error?.description.contains("hf download") == false)
  }

  // MARK: The Hub's cache

  @Test func `the root of a model in the Hub's cache stands for the snapshot of main`() throws {
    let cache = try Folder(
      ["refs/main": "aaa\n"], copying: ["snapshots/aaa": "plain", "snapshots/bbb": "bert"])
    #expect(try ModelLocation(cache.path).directory == cache.file("snapshots/aaa"))
    #expect(
      try Classifier(directory: cache.path).classify("A good film.")
        == Fixture.classifier("plain").classify("A good film."))
  }

  @Test(arguments: [["refs/main": "gone"], ["refs/v1": "aaa"], [:]])
  func `without main the only snapshot is taken`(refs: [String: String]) throws {
    let cache = try Folder(refs, copying: ["snapshots/aaa": "plain"])
    #expect(try ModelLocation(cache.path).directory == cache.file("snapshots/aaa"))
  }

  @Test func `several snapshots without main are an error`() throws {
    let cache = try Folder(
      ["refs/main": "gone"], copying: ["snapshots/aaa": "plain", "snapshots/bbb": "bert"])
    expect([cache.file("snapshots/aaa"), cache.file("snapshots/bbb"), "name one"], of: cache.path)
    let empty = try Folder(["refs/main": "gone"])
    try FileManager.default.createDirectory(
      atPath: empty.file("snapshots"), withIntermediateDirectories: false)
    expect(["without a snapshot", "hf download"], of: empty.path)
  }

  @Test func `a broken link of the cache is named`() throws {
    for name in ["config.json", "model.safetensors", "vocab.txt"] {
      let model = try TemporaryModel(copying: "plain")
      try model.remove(name)
      try FileManager.default.createSymbolicLink(
        atPath: model.file(name), withDestinationPath: "../../blobs/0123")
      expect([model.file(name), "broken link", "cp -rL"], of: model.path)
    }
  }

  // MARK: Files that were never downloaded

  private static let pointer = """
    version https://git-lfs.github.com/spec/v1
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
    size 12345

    """

  @Test(arguments: [
    "config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json", "tokenizer.json",
    "special_tokens_map.json", "added_tokens.json",
  ])
  func `a Git LFS pointer instead of a file is an error with the remedy`(name: String) throws {
    let model = try TemporaryModel(copying: "tokenizer-json")
    try model.write(Self.pointer, to: name)
    if name == "vocab.txt" { try model.remove("tokenizer.json") }
    expect([model.file(name), "Git LFS pointer", "git lfs pull"], of: model.path)
  }

  @Test func `LFS pointers are found among shards, index and modules`() throws {
    let sharded = try TemporaryModel(copying: "sharded")
    let files = try FileManager.default.contentsOfDirectory(atPath: sharded.path)
    let shard = try #require(files.first { $0.hasPrefix("model-") })
    try sharded.write(Self.pointer, to: shard)
    expect([sharded.file(shard), "Git LFS pointer"], of: sharded.path)
    try sharded.write(Self.pointer, to: "model.safetensors.index.json")
    expect(["model.safetensors.index.json", "Git LFS pointer"], of: sharded.path)

    for name in [
      "modules.json", "1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors",
      "0_Transformer/config.json", "0_Transformer/model.safetensors", "0_Transformer/vocab.txt",
      "0_Transformer/sentence_bert_config.json", "config_sentence_transformers.json",
    ] {
      let model = try TemporaryModel(copying: "../heads/bert-embed-cls")
      try model.write(Self.pointer, to: name)
      let error = #expect(throws: SwiftletError.self, "\(name)") {
        try Embedder(directory: model.path)
      }
      #expect(error?.description.contains("Git LFS pointer") == true, "\(name)")
      #expect(error?.description.contains(name) == true, "\(name)")
    }
  }

  @Test(arguments: [
    ("<!DOCTYPE html>\n<html>", "web page"), ("\n <html lang=\"en\">", "web page"),
    ("<!doctype HTML>", "web page"), ("Entry not found", "server"),
    ("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "server"),
  ])
  func `an HTML page or an error message saved as a file is named`(text: String, words: String)
    throws
  {
    for name in ["config.json", "model.safetensors", "tokenizer_config.json"] {
      let model = try TemporaryModel(copying: "plain")
      try model.write(text, to: name)
      expect([model.file(name), words, "hf download"], of: model.path)
    }
  }

  // MARK: Folders that are something else

  @Test(
    arguments: [
      ([:], ["empty folder", "hf download"]),
      (["vocab.txt": "a", "tokenizer_config.json": "{}"], ["only a tokenizer"]),
      (["model.safetensors": "x"], ["there is no config.json", "model.safetensors"]),
      (["a.txt": "", "b": ""], ["there is no config.json", "a.txt, b"]),
      (["model-Q4_K_M.gguf": "GGUF"], ["GGUF", "model.safetensors"]),
      (["config.json": "{}", "model.gguf": "GGUF"], ["GGUF"]),
      (
        ["saved_model.pb": "", "variables/variables.index": ""], ["SavedModel", "save_pretrained"]
      ),
      (["model.keras": ""], ["Keras", "save_pretrained"]),
      (["model.zip": "PK"], ["zip archive", "unzip"]),
      (["model.tar.gz": ""], ["tar archive", "tar -xf"]),
      (["best.ckpt": ""], ["PyTorch pickle", "save_pretrained"]),
      (["config.json": "{}", "distil.tflite": ""], ["graph for another engine"]),
      (["bert_model.ckpt.index": "", "bert_config.json": "{}"], ["TensorFlow 1"]),
      (
        ["checkpoint-500/config.json": "", "checkpoint-1000/config.json": "", "runs/x": ""],
        ["2 training checkpoints", "/checkpoint-1000"]
      ),
      (
        ["checkpoint-500/config.json": "", "config.json": "{}"],
        ["a training checkpoint", "/checkpoint-500"]
      ),
      (
        ["model/config.json": "{}", "model/model.safetensors": "", "readme.txt": ""],
        ["one folder below", "/model"]
      ),
      (
        ["a/config.json": "", "a/pytorch_model.bin": "", "b/modules.json": ""],
        ["2 folders of models", "/a", "/b"]
      ),
      (["config.json": "{}", "model.bin": "", "vocabulary.json": ""], ["another program"]),
      (
        ["model.safetensors": "", "1_Pooling/config.json": "", "2_Dense/config.json": ""],
        ["there is no config.json", "model.safetensors"]
      ),
      (["models--a--b/snapshots/x/config.json": ""], ["/models--a--b"]),
    ] as [([String: String], [String])])
  func `a folder of another kind is refused with its kind and the remedy`(
    files: [String: String], words: [String]
  ) throws {
    let folder = try Folder(files)
    expect([folder.path] + words, of: folder.path)
  }

  @Test(arguments: [
    ("model.safetensors", "", "name the folder that it is in"),
    ("config.json", "{}", "name the folder"),
    ("vocab.txt", "", "name the folder"), ("m.gguf", "GGUF", "GGUF"), ("m", "GGUF", "GGUF"),
    ("pytorch_model.pt", "PK\u{3}\u{4}", "pickle"),
    ("pytorch_model.bin", "PK\u{3}\u{4}", "name the folder that it is in"),
    ("model.bin", "PK\u{3}\u{4}", "another program"), ("m.h5", "", "Keras"),
    ("m.onnx", "", "graph"),
    ("m.zip", "PK\u{3}\u{4}", "unzip"), ("download", "PK\u{3}\u{4}", "unzip"),
    ("m.tgz", "", "tar -xf"),
    ("m.7z", "", "7z x"), ("notes.md", "hello", "expected the folder of a model"),
    ("LFS", "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
  ])
  func `a file instead of a folder is refused with the folder to name`(
    name: String, text: String, words: String
  )
    throws
  {
    let folder = try Folder([name: text])
    expect([folder.file(name), words], of: folder.file(name))
    if words.hasPrefix("name the folder") { expect([": " + folder.path], of: folder.file(name)) }
  }

  // MARK: Adapters

  @Test func `the error on a PEFT adapter says how to merge it`() throws {
    let folder = try Folder([
      "adapter_config.json":
        #"{"base_model_name_or_path": "distilbert-base-uncased", "task_type": "SEQ_CLS"}"#
    ])
    try SafetensorsWriter.write(
      [
        .init(
          name: "base_model.model.classifier.weight", shape: [3, 2],
          floats: Array(repeating: 0, count: 6))
      ], to: folder.file("adapter_model.safetensors"))
    expect(
      [
        "PEFT adapter", "distilbert-base-uncased", "AutoPeftModelForSequenceClassification",
        "num_labels=3", "merge_and_unload", folder.path + "-merged",
      ], of: folder.path)
  }

  @Test(arguments: [
    ("TOKEN_CLS", "AutoPeftModelForTokenClassification"),
    ("QUESTION_ANS", "AutoPeftModelForQuestionAnswering"),
    ("FEATURE_EXTRACTION", "AutoPeftModelForFeatureExtraction"), ("OTHER", "AutoPeftModel as"),
  ])
  func `an adapter is refused beside a whole model too`(task: String, name: String) throws {
    let model = try TemporaryModel(copying: "plain")
    try model.write(#"{"task_type": "\#(task)"}"#, to: "adapter_config.json")
    expect([name, "merge it first", "T.from_pretrained(\"\(model.path)\")"], of: model.path)
  }

  // MARK: Quantised weights

  private typealias Tensor = SafetensorsWriter.Tensor

  @Test(arguments: [
    ("SCB", "bitsandbytes (8 bits)"), ("weight_format", "bitsandbytes (8 bits)"),
    ("weight.absmax", "bitsandbytes (4 bits)"), ("weight.quant_map", "bitsandbytes (4 bits)"),
    ("weight.quant_state.bitsandbytes__nf4", "bitsandbytes (4 bits)"), ("qweight", "GPTQ or AWQ"),
    ("qzeros", "GPTQ or AWQ"), ("g_idx", "GPTQ"), ("weight_packed", "compressed-tensors"),
    ("weight_scale", "FP8"), ("W_q", "HQQ"), ("weight._data", "Quanto"),
  ])
  func `quantised weights without their configuration are refused by name`(
    suffix: String, method: String
  ) throws {
    let model = try TemporaryModel(copying: "plain")
    let name = "distilbert.transformer.layer.0.ffn.lin1." + suffix
    try model.changeTensors { $0.append(.init(name: name, shape: [4])) }
    expect([model.path, method, "\"\(name)\"", "float weights"], of: model.path)
    let warning = #expect(throws: SwiftletError.self) {
      try ModelLocation(model.path).folder().purpose()
    }
    #expect(warning?.description.contains(method) == true)
  }

  @Test(arguments: [DataType.i8, .u8, .i32, .bool, .f8E4M3])
  func `weights of an untrained type are refused`(type: DataType) throws {
    for name in ["distilbert.transformer.layer.1.ffn.lin2.weight", "classifier.bias"] {
      let model = try TemporaryModel(copying: "plain")
      try Self.retype(name, as: type, in: model)
      expect([model.path, "quantised", "\"\(name)\"", type.rawValue], of: model.path)
    }
  }

  private static func retype(_ name: String, as type: DataType, in model: TemporaryModel) throws {
    var tensors: [Tensor] = []
    do {
      let source = try SafetensorsFile(path: model.file("model.safetensors"))
      tensors = try source.tensors.map { tensor in
        guard tensor.name == name else {
          return Tensor(
            name: tensor.name, shape: tensor.shape, floats: try source.floats(tensor.name))
        }
        let count = tensor.elementCount * type.bitWidth / 8
        return Tensor(
          name: name, dataType: type, shape: tensor.shape,
          bytes: [UInt8](repeating: 1, count: count))
      }
    }
    try SafetensorsWriter.write(tensors, to: model.file("model.safetensors"))
  }
}
