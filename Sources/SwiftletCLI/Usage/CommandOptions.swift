import ArgumentParser
import SwiftletJSON

/// The options of one command, as ArgumentParser describes them to other programs.
struct CommandOptions {
  struct Option: Equatable {
    /// With their dashes: `-m`, `--model`.
    var names: [String] = []
    var takesValue = false
    /// Whether it may be repeated.
    var isRepeating = false
    /// Whether its values end at the next option.
    var takesSeveral = false
    /// Whether the next argument is its value even if it looks like an option.
    var takesAnything = false
  }

  let options: [Option]
  /// Whether texts may be arguments.
  let takesTexts: Bool

  /// - Throws: `JSONError` if ArgumentParser's description is not JSON.
  init(of command: any ParsableCommand.Type) throws(JSONError) {
    let text = Array(command._dumpHelp().utf8)
    let description = try text.withUnsafeBufferPointer { (bytes) throws(JSONError) in
      try JSONValue(bytes)
    }
    let all = (description["command"]?["arguments"]?.elements ?? []).map(Option.init)
    options = all.filter { !$0.names.isEmpty }
    takesTexts = all.contains { $0.names.isEmpty && $0.isRepeating }
  }

  /// The option called `name`, dashes included.
  subscript(name: String) -> Option? { options.first { $0.names.contains(name) } }
}

extension CommandOptions.Option {
  init(_ description: JSONValue) {
    takesValue = description["kind"]?.string == "option"
    isRepeating = description["isRepeating"]?.bool ?? false
    let strategy = description["parsingStrategy"]?.string
    takesSeveral = strategy == "upToNextOption"
    takesAnything = strategy == "unconditional"
    names = (description["names"]?.elements ?? []).map { name in
      (name["kind"]?.string == "long" ? "--" : "-") + (name["name"]?.string ?? "")
    }
  }
}
