import SwiftletRecords

/// What the columns of a table or of JSON Lines are used for, by their indices.
enum DataForm: Equatable {
  /// A text, its pair and its label; without a label for masked words and for a teacher.
  case labeled(text: Int, pair: Int?, label: Int?)
  /// Lists of words and of their tags.
  case words(words: Int, tags: Int)
  /// A text and the list of its entities.
  case entities(text: Int, entities: Int)
  /// A text, the list of its continuations, and the right one.
  case choices(prompt: Int, choices: Int, label: Int)
  /// Texts that belong together, and their similarity.
  case similar(texts: [Int], score: Int?)

  /// Names in a header besides those of texts and labels.
  static let knownNames = ["anchor", "positive", "sentence2", "score", "tokens", "choices"]

  private static let anchors = ["anchor"]
  private static let positives = ["positive"]
  private static let scores = ["score", "similarity_score", "similarity"]
  private static let words = ["tokens", "words"]
  private static let tags = ["tags", "ner_tags", "labels"]
  private static let entities = ["entities", "spans"]
  private static let choices = ["choices", "endings", "options"]
  private static let prompts = ["prompt", "question", "context", "text", "sentence", "premise"]
  private static let answers = ["label", "answer", "target"]
  fileprivate static let pairs = [
    ("sentence1", "sentence2"), ("premise", "hypothesis"), ("text_a", "text_b"),
    ("question1", "question2"), ("text1", "text2"),
  ]

  /// The indices of the columns in use, each once.
  var selection: [Int] {
    switch self {
    case .labeled(let text, let pair, let label): [text, pair, label].compactMap(\.self)
    case .words(let words, let tags): [words, tags]
    case .entities(let text, let entities): [text, entities]
    case .choices(let prompt, let choices, let label): [prompt, choices, label]
    case .similar(let texts, let score): texts + [score].compactMap(\.self)
    }
  }

  /// Finds the columns for a task, or for the task that their names show.
  ///
  /// Selected columns come first, then usual names. `wantsLabel` is false if the texts may have no
  /// label.
  init(
    _ reader: RowReader, isJSON: Bool, task: TrainingTask?, _ options: TrainingFileOptions,
    file: String, wantsLabel: Bool
  ) throws(TrainingError) {
    let search = NameSearch(reader: reader, file: file)
    let found = try Self.found(by: search, isJSON: isJSON, task: task, options)
    if let task, found == nil, [.tokens, .choices, .questions].contains(task) {
      throw .missingColumn(
        file: file, column: Self.wanted(by: task), found: reader.columns,
        advice: Self.advice(for: task))
    }
    if let found { self = found } else { self = try Self.labeled(search, options, wantsLabel) }
  }

  /// The use of each column, as a line of the plan.
  func description(_ columns: [String]) -> String {
    func name(_ index: Int) -> String { TrainingError.quote(columns[index]) }
    switch self {
    case .labeled(let text, let pair, let label):
      return "text \(name(text))" + (pair.map { ", pair \(name($0))" } ?? "")
        + (label.map { ", label \(name($0))" } ?? "")
    case .words(let words, let tags): return "words \(name(words)), tags \(name(tags))"
    case .entities(let text, let entities): return "text \(name(text)), entities \(name(entities))"
    case .choices(let prompt, let choices, let label):
      return "text \(name(prompt)), choices \(name(choices)), label \(name(label))"
    case .similar(let texts, let score):
      return "texts " + texts.map(name).joined(separator: ", ")
        + (score.map { ", score \(name($0))" } ?? "")
    }
  }

  // MARK: Forms

  /// Finds a form other than texts with labels; nil if the columns have none for the task.
  private static func found(
    by search: NameSearch, isJSON: Bool, task: TrainingTask?, _ options: TrainingFileOptions
  ) throws(TrainingError) -> DataForm? {
    switch task {
    case .embeddings: return try similar(search, options)
    case .tokens: return isJSON ? try tagged(search, options) : nil
    case .choices: return isJSON ? try choices(search, options) : nil
    case nil:
      if let form = similarByName(search) { return form }
      guard isJSON else { return nil }
      if let form = try tagged(search, options) { return form }
      return try choices(search, options)
    case .classification, .multiLabel, .regression, .masks, .questions: return nil
    }
  }

  private static func similarByName(_ search: NameSearch) -> DataForm? {
    if let anchor = search.index(of: anchors), let positive = search.index(of: positives) {
      return .similar(texts: [anchor, positive] + search.negatives, score: nil)
    }
    if let first = search.index(of: ["sentence1"]), let second = search.index(of: ["sentence2"]),
      let score = search.index(of: scores), search.index(of: ["label"]) == nil
    {
      return .similar(texts: [first, second], score: score)
    }
    return nil
  }

  private static func similar(
    _ search: NameSearch, _ options: TrainingFileOptions
  ) throws(TrainingError) -> DataForm {
    if options.textColumn == nil, let found = similarByName(search) { return found }
    let pair = search.pair
    let first = try search.given(options.textColumn) ?? search.index(of: anchors) ?? pair?.0
    let second = try search.given(options.pairColumn) ?? search.index(of: positives) ?? pair?.1
    guard let first, let second else {
      throw .missingColumn(
        file: search.file, column: wanted(by: .embeddings), found: search.reader.columns,
        advice: "--text-column and --pair-column name the two texts")
    }
    let score = try search.given(options.labelColumn) ?? search.index(of: scores)
    return .similar(texts: [first, second] + search.negatives, score: score)
  }

  private static func tagged(
    _ search: NameSearch, _ options: TrainingFileOptions
  ) throws(TrainingError) -> DataForm? {
    let label = try search.given(options.labelColumn)
    if let words = search.index(of: words), let tags = label ?? search.index(of: tags) {
      return .words(words: words, tags: tags)
    }
    let text = try search.given(options.textColumn) ?? search.index(of: ["text", "sentence"])
    guard let text, let found = search.index(of: entities) else { return nil }
    return .entities(text: text, entities: label ?? found)
  }

  private static func choices(
    _ search: NameSearch, _ options: TrainingFileOptions
  ) throws(TrainingError) -> DataForm? {
    guard let choices = search.index(of: choices) else { return nil }
    let prompt = try search.given(options.textColumn) ?? search.index(of: prompts)
    let label = try search.given(options.labelColumn) ?? search.index(of: answers)
    guard let prompt, let label else { return nil }
    return .choices(prompt: prompt, choices: choices, label: label)
  }

  private static func labeled(
    _ search: NameSearch, _ options: TrainingFileOptions, _ wantsLabel: Bool
  ) throws(TrainingError) -> DataForm {
    var columns = options.columns
    columns.hasHeader = search.reader.hasHeader
    if options.textColumn == nil, options.pairColumn == nil, let (first, second) = search.pair {
      columns.text = search.reader.columns[first]
      columns.pair = search.reader.columns[second]
    }
    do throws(RecordError) {
      let layout = try ColumnLayout(
        firstRow: search.reader.columns, choice: columns,
        wantsLabel: wantsLabel || options.labelColumn != nil, file: search.file)
      return .labeled(text: layout.text, pair: layout.pair, label: layout.label)
    } catch {
      throw DataReading.error(error, file: search.file)
    }
  }

  // MARK: Wording

  private static func wanted(by task: TrainingTask) -> String {
    switch task {
    case .tokens: "\"tokens\" with \"tags\", or \"text\" with \"entities\""
    case .choices: "\"choices\" with \"prompt\" and \"label\""
    case .embeddings: "\"anchor\" with \"positive\", or \"sentence1\" with \"sentence2\""
    default: "for questions"
    }
  }

  private static func advice(for task: TrainingTask) -> String {
    task == .questions
      ? "--task answer reads a .json file in the form of SQuAD"
      : "--task \(task.rawValue) reads JSON Lines with these keys"
        + (task == .tokens ? ", or a .conll file" : "")
  }
}

/// Finds columns by name.
private struct NameSearch {
  let reader: RowReader
  let file: String
  private let names: [String]

  init(reader: RowReader, file: String) {
    self.reader = reader
    self.file = file
    names = reader.hasHeader ? reader.columns.map { $0.trimmed.lowercased() } : []
  }

  /// Returns the first column with one of the names, the first name first.
  func index(of wanted: [String]) -> Int? {
    for name in wanted {
      if let index = names.firstIndex(of: name) { return index }
    }
    return nil
  }

  /// Returns the column with a name or a number from 1; nil if none is selected.
  func given(_ choice: String?) throws(TrainingError) -> Int? {
    guard let choice else { return nil }
    if reader.hasHeader {
      let exact = reader.columns.firstIndex(of: choice)
      if let index = exact ?? names.firstIndex(of: choice.lowercased()) { return index }
    }
    guard let number = Int(choice), reader.columns.indices.contains(number &- 1) else {
      throw .missingColumn(
        file: file, column: TrainingError.quote(choice), found: reader.columns,
        advice: "give a name or a number from 1")
    }
    return number - 1
  }

  /// The two columns whose names are those of a pair of texts.
  var pair: (Int, Int)? {
    for (first, second) in DataForm.pairs {
      if let first = names.firstIndex(of: first), let second = names.firstIndex(of: second) {
        return (first, second)
      }
    }
    return nil
  }

  /// The columns `negative`, `negative_1` and so on, in the order of the file.
  var negatives: [Int] { names.indices.filter { names[$0].utf8.starts(with: "negative".utf8) } }
}
