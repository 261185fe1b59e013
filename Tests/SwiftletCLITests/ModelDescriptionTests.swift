import Foundation
import Swiftlet
import SwiftletJSON
import Testing

@testable import SwiftletCLI

@Suite struct ModelDescriptionTests {
  private static let directory = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "weights/sentiment").path

  @Test func `the bundled model is described in numbers`() throws {
    let model = try ModelDescription(directory: Self.directory)
    #expect(model.labels == ["NEGATIVE", "POSITIVE"])
    #expect(model.parameterCount == 22_713_218)
    #expect(model.tensors.count == 104)
    #expect(model.totals.map(\.dataType) == ["F16"])
    #expect(model.byteCount == 2 * model.parameterCount)
    #expect(model.warnings.isEmpty)
  }

  @Test(arguments: [60, 80, 120])
  func `no line of the description is wider than the terminal`(width: Int) throws {
    let model = try ModelDescription(directory: Self.directory)
    let terminal = Terminal(isTerminal: true, width: width, usesColor: false)
    // The path stands alone on the first line, in full.
    for line in model.text(on: terminal).split(separator: "\n").dropFirst() {
      #expect(DisplayText.width(of: String(line)) <= width)
    }
  }

  private static func head(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/heads/\(name)").path
  }

  @Test(arguments: [
    (
      "nli", "DistilBertForSequenceClassification",
      #"["text-classification","zero-shot-classification"]"#,
      #"["classify","evaluate","zero-shot"]"#
    ),
    ("bert-tokens", "BertForTokenClassification", #"["token-classification"]"#, #"["tag"]"#),
    ("bert-embed-cls", "BertModel", #"["feature-extraction"]"#, #"["embed"]"#),
  ])
  func `a description shows a folder's architecture, tasks and commands`(
    name: String, architecture: String, tasks: String, commands: String
  ) throws {
    let model = try ModelDescription(directory: Self.head(name))
    let json = String(decoding: model.json.line, as: UTF8.self)
    #expect(
      json.contains(
        #""architectures":["\#(architecture)"],"tasks":\#(tasks),"commands":\#(commands)"#))
    let text = model.text(on: Terminal(isTerminal: false, width: 100, usesColor: false))
    #expect(text.contains("architectures") && text.contains(architecture))
    for task in model.tasks {
      for command in task.commands { #expect(text.contains("swiftlet \(command)")) }
    }
    #expect(model.warnings.isEmpty)
  }

  @Test func `a weights file alone has no configuration`() throws {
    let model = try ModelDescription(file: Self.directory + "/model.safetensors")
    let json = String(decoding: model.json.line, as: UTF8.self)
    #expect(json.contains(#""config":null,"labels":[],"tokenizer":null,"parameters":22713218"#))
  }
}
