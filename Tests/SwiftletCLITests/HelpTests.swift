import ArgumentParser
import Foundation
import Testing

@testable import SwiftletCLI

@Suite struct HelpTests {
  private static let names =
    [nil] + SwiftletCommand.configuration.subcommands.map { Optional($0._commandName) }

  private static func command(_ name: String?) -> any ParsableCommand.Type {
    SwiftletCommand.configuration.subcommands.first { $0._commandName == name }
      ?? SwiftletCommand.self
  }

  /// The lines of the examples in a command's help: they are two spaces deep, and four where an example
  /// goes on.
  private static func exampleLines(_ command: any ParsableCommand.Type) -> [String] {
    command.configuration.discussion.split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("  ") }
  }

  @Test(arguments: names)
  func `no example is wrapped at 80 columns`(name: String?) {
    let command = Self.command(name)
    let help =
      name.map { _ in SwiftletCommand.helpMessage(for: command, columns: 80) }
      ?? SwiftletCommand.helpMessage(columns: 80)
    let lines = help.split(separator: "\n").map(String.init)
    let examples = Self.exampleLines(command)
    #expect(!examples.isEmpty)
    for example in examples {
      #expect(example.count <= 80)
      #expect(lines.contains(example), "\(example)")
    }
    for line in lines where !line.hasPrefix("USAGE: ") { #expect(line.count <= 80, "\(line)") }
  }

  @Test(arguments: names)
  func `every example parses as a command line`(name: String?) throws {
    let lines = Self.exampleLines(Self.command(name)).joined(separator: "\n")
    let examples = lines.replacing(/\\\n +/, with: "").split(separator: "\n")
    for example in examples {
      let stage = try #require(example.split(separator: "|").last)
      var words = Self.words(stage)
      #expect(words.removeFirst() == "swiftlet", "\(example)")
      if let input = words.firstIndex(of: "<") { words.removeSubrange(input...) }
      // Standard input may be a terminal here, where a text is wanted.
      if example.contains("|") || example.contains("<") { words.append("text") }
      #expect(throws: Never.self, "\(example)") {
        let parsed = try SwiftletCommand.parseAsRoot(words)
        #expect(SwiftletCommand.configuration.subcommands.contains { $0 == type(of: parsed) })
      }
    }
  }

  /// Splits a line as the shell does; only double quotes are supported.
  private static func words(_ line: some StringProtocol) -> [String] {
    var words: [String] = []
    var isQuoted = false
    for part in line.components(separatedBy: "\"") {
      words += isQuoted ? [part] : part.components(separatedBy: " ").filter { !$0.isEmpty }
      isQuoted.toggle()
    }
    return words
  }
}
