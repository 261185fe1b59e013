import Foundation
import Swiftlet
import Testing

@Suite struct ModelFolderTests {
  /// A folder with these files, of which only `modules.json` has content; removed with the object.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-folder-\(UUID().uuidString)").path

    init(_ modules: String?, files: [String] = []) throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      for file in files {
        let url = URL(filePath: path + "/" + file)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: url)
      }
      try modules.map { try Data($0.utf8).write(to: URL(filePath: path + "/modules.json")) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private static func step(_ type: String, _ path: String) -> String {
    #"{"idx": 0, "name": "0", "path": "\#(path)", "type": "sentence_transformers.models.\#(type)"}"#
  }

  @Test func `without modules.json every file is in the folder itself`() throws {
    let folder = try Folder(nil, files: ["config.json"])
    let found = try ModelFolder(folder.path)
    #expect(found.transformer == folder.path && found.tokenizer == folder.path)
    #expect(found.modules.isEmpty)
  }

  @Test func `a missing folder fails when it is loaded`() throws {
    let found = try ModelFolder("/nonexistent/model")
    #expect(found.transformer == "/nonexistent/model" && found.modules.isEmpty)
  }

  @Test(arguments: ["", "0_Transformer", "0_BERT", "a/b"])
  func `modules.json decides the transformer's folder`(path: String) throws {
    let steps = [Self.step("Transformer", path), Self.step("Pooling", "1_Pooling")]
    let own = path.isEmpty ? "" : path + "/"
    let folder = try Folder(
      "[\(steps.joined(separator: ", "))]", files: [own + "config.json", own + "vocab.txt"])
    for given in [folder.path, folder.path + "/"] {
      let found = try ModelFolder(given)
      let expected = path.isEmpty ? given : folder.path + "/" + path
      #expect(found.transformer == expected && found.tokenizer == expected)
      #expect(found.directory == given)
      #expect(found.modules.map(\.type) == ["Transformer", "Pooling"])
      #expect(found.modules.map(\.path) == [expected, folder.path + "/1_Pooling"])
    }
  }

  @Test func `a tokenizer in the model's own folder is found`() throws {
    let folder = try Folder(
      "[\(Self.step("Transformer", "0_Transformer"))]",
      files: ["0_Transformer/config.json", "tokenizer.json"])
    let found = try ModelFolder(folder.path)
    #expect(found.transformer == folder.path + "/0_Transformer")
    #expect(found.tokenizer == folder.path)
  }

  @Test(arguments: [
    "..", "../other", "a/../../b", "/etc", ".", "./a", "a//b", "a/", #"a\u0000b"#,
  ])
  func `a path that leaves the folder is refused`(path: String) throws {
    let folder = try Folder("[\(Self.step("Transformer", path))]")
    try expect(folder, .invalidModel, ["modules.json", "within"])
  }

  @Test(arguments: ["", "{}", "[", "[1]", #"[{"path": 1}]"#, #"[{"type": null, "path": ""}]"#])
  func `a modules.json that is not a list of modules is refused`(text: String) throws {
    try expect(try Folder(text), .invalidModel, ["modules.json", "not a list of modules"])
  }

  @Test(arguments: [
    ("[]", "names no modules"), (#"[{"path": ""}]"#, "without \"type\""),
    (#"[{"type": "x.Transformer"}]"#, "without \"path\""),
  ])
  func `an incomplete modules.json is refused with the missing key`(text: String, words: String)
    throws
  {
    try expect(try Folder(text), .invalidModel, ["modules.json", words])
  }

  @Test(arguments: ["StaticEmbedding", "CLIPModel", "BoW"])
  func `a model without a transformer first is refused with its first module`(type: String) throws {
    let folder = try Folder("[\(Self.step(type, ""))]")
    try expect(folder, .unsupportedModel, ["modules.json", "Transformer", type])
  }

  private enum Kind { case invalidModel, unsupportedModel }

  private func expect(_ folder: Folder, _ kind: Kind, _ words: [String]) throws {
    let error = #expect(throws: SwiftletError.self) { try ModelFolder(folder.path) }
    let found: Kind? =
      switch error {
      case .invalidModel: .invalidModel
      case .unsupportedModel: .unsupportedModel
      default: nil
      }
    #expect(found == kind, "\(String(describing: error))")
    for word in words + [folder.path] {
      #expect(error?.description.contains(word) == true, "\(word)")
    }
  }
}
