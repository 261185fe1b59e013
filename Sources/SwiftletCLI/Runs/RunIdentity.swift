import ArgumentParser
import Glibc
import Swiftlet
import SwiftletJSON
import SwiftletSystem

/// What decides the bytes of a run's output, besides the rows of its input: two runs with the same
/// identity write the same.
struct RunIdentity: Equatable {
  struct Entry: Equatable {
    let name: String
    let value: String
  }

  let entries: [Entry]

  /// Options that change no byte of the output, or that have an entry of another name.
  private static let unrelated: Set<String> = [
    "--resume", "--output", "--file", "--model", "--format", "--json", "--no-progress", "--threads",
    "--batch-size", "--on-error", "--error-file", "--summary", "--no-summary", "--summary-file",
    "--unique",
  ]

  init(_ entries: [Entry]) { self.entries = entries }

  /// - Parameters:
  ///   - words: the command line, program first
  ///   - inputs: the names of the inputs
  ///   - model: the model's folder
  ///   - format: the format of the output, and what changes its columns besides the options
  /// - Throws: `JSONError` if ArgumentParser's description of the options is not JSON
  init(words: [String], inputs: [String], model: String, format: String) throws {
    let command = SwiftletCommand.configuration.subcommands.first {
      $0._commandName == words.dropFirst().first
    }
    let given = try command.map { GivenOptions(words.dropFirst(2), of: try CommandOptions(of: $0)) }
    entries =
      [
        Entry(name: "version", value: "\(ProjectVersion.text)"),
        Entry(name: "command", value: command?._commandName ?? ""),
        Entry(name: "model", value: Self.identity(ofModel: model)),
        Entry(name: "input", value: ShellText.line(inputs)), Entry(name: "format", value: format),
      ]
      + (given?.options ?? []).filter { !Self.unrelated.contains($0.name) }.map {
        Entry(name: $0.name, value: ShellText.line($0.values))
      }
  }

  /// Says how the interrupted run `other` differs from this one; nil for none.
  func difference(from other: RunIdentity) -> String? {
    let names = entries.map(\.name) + other.entries.map(\.name)
    for name in names where self[name] != other[name] {
      return "\(name) was \(other[name] ?? "not given"), and is \(self[name] ?? "not given") now"
    }
    return nil
  }

  private subscript(name: String) -> String? { entries.first { $0.name == name }?.value }

  // MARK: The model

  /// The folder, and a digest of the names, sizes and times of its files: a model that was trained or
  /// quantised again is another one.
  private static func identity(ofModel folder: String) -> String {
    var digest = MessageDigest<SHA256>()
    for name in names(in: folder) {
      var status = stat()
      guard stat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        continue
      }
      digest.update(
        "\(name) \(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)\n")
    }
    let real = realpath(folder, nil)
    defer { free(real) }
    return "\(real.map { String(cString: $0) } ?? folder) (files \(digest.finish().prefix(12)))"
  }

  /// The names in a folder, in the order of their bytes; the file itself if it is one.
  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return ["."] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { names.append(String(cString: $0)) }
      }
    }
    return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
  }
}

extension RunIdentity {
  var json: JSONValue { .object(entries.map { ($0.name, .string($0.value)) }) }

  init(_ json: JSONValue) {
    entries = json.members.map { Entry(name: $0.key, value: $0.value.string ?? "") }
  }
}

/// The options of a command line by their long names, in the order of the names.
struct GivenOptions {
  private(set) var options: [(name: String, values: [String])] = []

  /// Reads words that the parser has accepted, without program and subcommand.
  init(_ words: ArraySlice<String>, of command: CommandOptions) {
    var rest = words
    while let word = rest.popFirst(), word != "--" {
      guard word.hasPrefix("-"), word != "-" else { continue }
      let name = String(word.prefix { $0 != "=" })
      let option = command[name]
      var values: [String] = []
      if name != word {
        values.append(String(word.dropFirst(name.count + 1)))
      } else if option?.takesValue == true, let value = rest.popFirst() {
        values.append(value)
        while option?.takesSeveral == true, let value = rest.first,
          !value.hasPrefix("-") || value == "-"
        {
          values.append(value)
          rest.removeFirst()
        }
      }
      add(option?.names.max { $0.utf8.count < $1.utf8.count } ?? word, values)
    }
    options.sort { $0.name < $1.name }
  }

  private mutating func add(_ name: String, _ values: [String]) {
    if let index = options.firstIndex(where: { $0.name == name }) {
      options[index].values += values
    } else {
      options.append((name, values))
    }
  }
}
