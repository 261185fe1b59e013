import ArgumentParser
import Swiftlet
import SwiftletJSON

/// `swiftlet tag`: token classification.
struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "Find named entities, or classify each token.",
    discussion: """
      Texts come from the arguments, from lines on standard input, or from the rows of files.

        swiftlet tag --model path/to/ner-model "Ada Lovelace lived in London."
        swiftlet tag --model path/to/ner-model --aggregation none --json < texts.txt
        swiftlet tag --model path/to/ner-model --file articles.jsonl \\
          --long-text window:32 --output entities.csv

      A terminal shows each text with its entities in colour; elsewhere each text is a JSON object \
      with its entities. CSV and TSV have a row for each entity, with its text, and one with empty \
      fields for a text without entities. Offsets count Unicode scalars from 0, the end excluded.
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments
  @OptionGroup(title: "Output") var output: OutputArguments<TaskFormat>
  @OptionGroup(title: "Model") var model: TaskModelArguments

  @Option(
    help: ArgumentHelp(
      "How tokens are grouped into entities: none (each token), simple (neighbours of one label),"
        + " or by words: first, average, max.", valueName: "strategy")
  )
  var aggregation: TokenAggregation = .simple

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Labels to leave out, one or more; put texts before this option.", valueName: "label"))
  var ignoreLabels: [String] = ["O"]

  @Option(
    help: ArgumentHelp(LongText.help, valueName: "policy")
  )
  var longText: LongText = .truncate

  func run() throws {
    let folder = try model.folder(hidesProgress: output.file.hidesProgress)
    let tagger = try TokenClassifier(directory: folder, options: model.engine.options())
    try refuseUnknownLabels(of: tagger.labels)
    let options = TokenClassificationOptions(
      aggregation: aggregation, ignoreLabels: ignoreLabels, longText: longText)
    let task = try TaskRun(input, output, model: folder)
    let renderer = try task.renderer(columns: columns) { answer in
      [("entities", .array((answer?.entities ?? []).map(Self.json)))]
    } lines: { text, answer in
      [TaggedText.line(text.text, answer.entities, labels: tagger.labels, on: task.terminal)]
    }
    try task.run(renderer, maxLength: tagger.maxLength, hint: LongText.hint) {
      (chunk) throws(SwiftletError) in
      try tagger.classify(chunk.map(\.text), options: options)
    }
  }

  /// Catches a text after --ignore-labels, which ArgumentParser reads as a label.
  private func refuseUnknownLabels(of labels: [String]) throws(CommandFailure) {
    let groups = labels.map { $0.hasPrefix("B-") || $0.hasPrefix("I-") ? $0.dropFirst(2) : $0[...] }
    for label in ignoreLabels where !["", "O"].contains(label) {
      guard !labels.contains(label), !groups.contains(label[...]) else { continue }
      throw CommandFailure(
        "--ignore-labels: unknown label \"\(DisplayText.shorten(label, to: 40))\"; the model has"
          + " \(LabelIndex(labels).summary); put texts before the option, or after --", .usage)
    }
  }

  /// A row for each entity.
  private var columns: AnswerColumns<TokenClassification> {
    let hasIndex = aggregation == .none
    let names = ["label", "score", "word", "start", "end"] + (hasIndex ? ["index"] : [])
    return AnswerColumns(names: names) { answer in
      answer.entities.map { entity in
        let fields = [
          entity.label, "\(entity.score)", entity.word, "\(entity.offsets.lowerBound)",
          "\(entity.offsets.upperBound)",
        ]
        return hasIndex ? fields + [entity.tokenIndex.map(String.init) ?? ""] : fields
      }
    }
  }

  private static func json(_ entity: Entity) -> JSONValue {
    var members: [JSONValue.Member] = [
      ("label", .string(entity.label)), ("score", .float(entity.score)),
      ("word", .string(entity.word)), ("start", .int(entity.offsets.lowerBound)),
      ("end", .int(entity.offsets.upperBound)),
    ]
    if let index = entity.tokenIndex { members.append(("index", .int(index))) }
    return .object(members)
  }
}
