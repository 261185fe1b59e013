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

  /// - Throws: `JSONError` if ArgumentParser's description has another form.
  init(of command: any ParsableCommand.Type) throws(JSONError) {
    var options: [Option] = []
    var takesTexts = false
    let text = Array(command._dumpHelp().utf8)
    try text.withUnsafeBufferPointer { (bytes) throws(JSONError) in
      var reader = try JSONReader(bytes)
      try Self.members(of: &reader) { (key, reader) throws(JSONError) in
        guard key == "command" else { return try reader.skipValue() }
        try Self.members(of: &reader) { (key, reader) throws(JSONError) in
          guard key == "arguments" else { return try reader.skipValue() }
          try Self.elements(of: &reader) { (reader) throws(JSONError) in
            let option = try Self.option(&reader)
            if option.names.isEmpty {
              takesTexts = takesTexts || option.isRepeating
            } else {
              options.append(option)
            }
          }
        }
      }
    }
    self.options = options
    self.takesTexts = takesTexts
  }

  /// The option called `name`, dashes included.
  subscript(name: String) -> Option? { options.first { $0.names.contains(name) } }

  private static func option(_ reader: inout JSONReader) throws(JSONError) -> Option {
    var option = Option()
    try members(of: &reader) { (key, reader) throws(JSONError) in
      switch key {
      case "kind": option.takesValue = try reader.readString() == "option"
      case "isRepeating": option.isRepeating = try reader.readBool()
      case "parsingStrategy":
        let strategy = try reader.readString()
        option.takesSeveral = strategy == "upToNextOption"
        option.takesAnything = strategy == "unconditional"
      case "names":
        try elements(of: &reader) { (reader) throws(JSONError) in
          option.names.append(try name(&reader))
        }
      default: try reader.skipValue()
      }
    }
    return option
  }

  private static func name(_ reader: inout JSONReader) throws(JSONError) -> String {
    var dashes = ""
    var name = ""
    try members(of: &reader) { (key, reader) throws(JSONError) in
      switch key {
      case "kind": dashes = try reader.readString() == "long" ? "--" : "-"
      case "name": name = try reader.readString()
      default: try reader.skipValue()
      }
    }
    return dashes + name
  }

  // MARK: Structure

  private static func members(
    of reader: inout JSONReader,
    _ read: (String, inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) { try read(key.string, &reader) }
  }

  private static func elements(
    of reader: inout JSONReader, _ read: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    var array = try reader.beginArray()
    while try reader.nextElement(in: &array) { try read(&reader) }
  }
}
