import ArgumentParser

/// An error of the command line that ArgumentParser explains badly or not at all.
struct UsageProblem: Error, Equatable {
  /// What is wrong, and what to write instead.
  let message: String
  /// The subcommand whose usage is shown; nil for the program's.
  let command: String?
}

/// Finds the errors that ArgumentParser does not explain: misspelt words, texts that begin with a
/// dash, options that are given twice.
struct UsageCheck {
  private let root: any ParsableCommand.Type
  private let arguments: [String]
  private var commands: [String: any ParsableCommand.Type] = [:]

  init(_ arguments: [String], of root: any ParsableCommand.Type) {
    self.arguments = arguments
    self.root = root
    for command in root.configuration.subcommands { commands[command._commandName] = command }
  }

  /// The error in arguments that ArgumentParser refused or read as a request for help.
  func problem() -> UsageProblem? {
    guard let first = arguments.first else { return nil }
    if first == "help" { return arguments.dropFirst().lazy.compactMap(unknownCommand).first }
    if Self.looksLikeOption(first) { return unknownRootOption(first) }
    guard let command = commands[first] else { return unknownCommand(first) }
    guard let options = try? CommandOptions(of: command) else { return nil }
    return problem(in: arguments.dropFirst(), options: options, name: first)
  }

  /// The error in arguments that ArgumentParser accepted: an option that is given twice, of which
  /// it would use the last.
  func repetition() -> UsageProblem? {
    // Reading the options takes some milliseconds, so a correct command line skips it.
    let initials = arguments.filter(Self.looksLikeOption).map { $0.drop { $0 == "-" }.first }
    return Set(initials).count < initials.count ? problem() : nil
  }

  // MARK: Commands

  private func unknownCommand(_ word: String) -> UsageProblem? {
    guard commands[word] == nil, word != "help", !Self.looksLikeOption(word) else { return nil }
    let names = root.configuration.subcommands.map { $0._commandName }
    let way: String
    if let nearest = Spelling.nearest(to: word.lowercased(), among: names) {
      way = "did you mean \(nearest)?"
    } else if word.contains(where: \.isWhitespace) {
      way = "to classify a text, write swiftlet classify \(Self.quoted(word))"
    } else {
      way = "there are " + names.joined(separator: ", ")
    }
    return UsageProblem(message: "unknown subcommand \(Self.quoted(word)); \(way)", command: nil)
  }

  private func unknownRootOption(_ argument: String) -> UsageProblem? {
    let known = ["-h", "--help", "--version"]
    let hidden = ["--help-hidden", "--experimental-dump-help", "--generate-completion-script"]
    let name = Self.name(of: argument)
    guard !(known + hidden).contains(name) else { return nil }
    let nearest = Spelling.nearest(to: name, among: known)
    return UsageProblem(
      message: "unknown option \(Self.quoted(name)); "
        + (nearest.map { "did you mean \($0)?" }
          ?? "a subcommand comes first, as in swiftlet classify"),
      command: nil)
  }

  // MARK: Options

  private func problem(
    in arguments: ArraySlice<String>, options: CommandOptions, name command: String
  ) -> UsageProblem? {
    var rest = arguments
    var seen: [CommandOptions.Option] = []
    while let argument = rest.popFirst(), argument != "--" {
      guard Self.looksLikeOption(argument) else { continue }
      let name = Self.name(of: argument)
      if ["-h", "--help", "--version"].contains(name) { return nil }
      guard let given = Self.given(by: name, options) else {
        return unknownOption(argument, options, command)
      }
      for option in given where option.takesValue {
        if seen.contains(option), !option.isRepeating {
          return UsageProblem(
            message: "\(option.names.joined(separator: ", ")) is given twice; give it once",
            command: command)
        }
        seen.append(option)
        guard name == argument else { continue }
        if let problem = takeValues(of: option, name, from: &rest, options, command) {
          return problem
        }
      }
    }
    return nil
  }

  /// The option called `name`, or the short options that it combines, as in `-mf folder file`; nil
  /// for an unknown one. `-h` cannot be combined: `-dash` is not a request for help.
  private static func given(
    by name: String, _ options: CommandOptions
  ) -> [CommandOptions.Option]? {
    if let option = options[name] { return [option] }
    guard !name.hasPrefix("--") else { return nil }
    let letters = name.dropFirst().map { $0 == "h" ? nil : options["-\($0)"] }
    let known = letters.compactMap { $0 }
    return known.count == letters.count ? known : nil
  }

  /// Removes the values of an option from `rest`; a value that looks like an option is a problem.
  private func takeValues(
    of option: CommandOptions.Option, _ name: String, from rest: inout ArraySlice<String>,
    _ options: CommandOptions, _ command: String
  ) -> UsageProblem? {
    guard let value = rest.first, value != "--" else { return nil }
    guard option.takesAnything || !Self.looksLikeOption(value) else {
      // The value is missing, which ArgumentParser explains.
      guard options[Self.name(of: value)] == nil else { return nil }
      return UsageProblem(
        message:
          "\(name) needs a value, and \(Self.quoted(value)) looks like an option; a value that"
          + " begins with a dash is written \(name)=\(Self.quoted(value))", command: command)
    }
    rest.removeFirst()
    while option.takesSeveral, let value = rest.first, !Self.looksLikeOption(value) {
      rest.removeFirst()
    }
    return nil
  }

  private func unknownOption(
    _ argument: String, _ options: CommandOptions, _ command: String
  ) -> UsageProblem {
    let name = Self.name(of: argument)
    let names = options.options.flatMap(\.names).filter { $0.hasPrefix("--") }
    // One dash before a long name is a misspelling, too.
    let long = name.hasPrefix("--") ? name : "-" + name
    let nearest = long.count > 3 ? Spelling.nearest(to: long, among: names) : nil
    var message = "swiftlet \(command) has no option \(Self.quoted(name))"
    if let nearest { message += "; did you mean \(nearest)?" }
    if options.takesTexts, nearest == nil {
      message +=
        "; a text that begins with a dash goes after --, as in swiftlet \(command) --"
        + " \(Self.quoted(argument))"
    }
    return UsageProblem(message: message, command: command)
  }

  // MARK: Words

  /// A dash alone is standard input.
  private static func looksLikeOption(_ argument: String) -> Bool {
    argument.hasPrefix("-") && argument != "-" && argument != "--"
  }

  /// The option without its value: `--model` of `--model=folder`.
  private static func name(of argument: String) -> String {
    String(argument.prefix { $0 != "=" })
  }

  /// The word with quotes where a shell needs them.
  private static func quoted(_ word: String) -> String {
    let shown = DisplayText.shorten(word, to: 60)
    let isPlain =
      !shown.isEmpty && shown.allSatisfy { $0.isLetter || $0.isNumber || "-_.=/".contains($0) }
    return isPlain ? shown : "\"\(shown)\""
  }
}
