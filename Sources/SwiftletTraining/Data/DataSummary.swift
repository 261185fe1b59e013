import SwiftletSystem

/// A file of the data, for `training.json`.
package struct DataFile: Sendable, Equatable {
  package let path: String
  /// SHA-256 in hexadecimal digits.
  package let sha256: String
}

/// What the plan says about the data before the first step.
package struct DataSummary: Sendable, Equatable {
  package let task: TaskDecision
  /// Nil for examples in memory.
  package let format: FormatDecision?
  package private(set) var files: [DataFile] = []
  /// The use of the columns; nil without columns.
  package let columns: String?
  /// The examples of the training source, before a split; a question counts once.
  package let exampleCount: Int
  package private(set) var trainingCount = 0
  package private(set) var validationCount = 0
  /// Training rows whose text and target an earlier row has.
  package private(set) var duplicates = 0
  /// Training rows whose text an earlier row has with another target.
  package private(set) var conflicts = 0
  /// The places of the first two rows that contradict each other.
  package private(set) var firstConflict: String?
  /// Validation rows whose text is in the training data.
  package private(set) var overlap = 0
  package private(set) var skipped: [SkippedRows] = []
  package let labels: [String]
  /// Why the labels have their order.
  package let labelOrder: String
  package private(set) var labelCounts: LabelCounts?
  package private(set) var validationLabelCounts: LabelCounts?
  /// The number of tokens at which sequences are cut.
  package let maxLength: Int
  /// Of the training source, before a split.
  package let tokens: TokenStatistics
  package private(set) var validationTokens: TokenStatistics?
  /// What the user should know, most of it about single rows.
  package private(set) var warnings: [String] = []
  /// How the files are read.
  package private(set) var notes: [String] = []

  init(
    _ data: LoadedData, labels: [String], labelOrder: String, path: String?, maxLength: Int
  ) {
    self.maxLength = maxLength
    task = data.decision
    format = data.format
    columns = data.columns
    exampleCount = data.encoder.exampleCount
    self.labels = labels
    self.labelOrder = labelOrder
    tokens = data.encoder.tokens
    addSource(data, path)
    countDuplicates(
      EncodedDataset(task: data.decision.task, labels: labels, rows: data.encoder.rows))
  }

  // MARK: Collecting

  private mutating func addSource(_ data: LoadedData, _ path: String?) {
    notes += data.notes
    skipped += data.skipped
    for rows in data.skipped {
      warnings.append(
        "left out because they \(rows.reason): \(rows.count); the first: \(rows.first)")
    }
    guard let path else { return }
    do throws(FileError) {
      files.append(DataFile(path: path, sha256: try SHA256.hex(ofFile: path)))
    } catch {
      warnings.append("\(error)")
    }
  }

  /// Adds validation data with a source of their own.
  ///
  /// - Throws: ``TrainingError/sameData(training:validation:)`` if the files have the same bytes.
  mutating func addValidation(_ data: LoadedData, path: String?) throws(TrainingError) {
    validationTokens = data.encoder.tokens
    let training = files.first
    addSource(data, path)
    if let path, let training, files.count > 1, files[1].sha256 == training.sha256 {
      throw .sameData(training: training.path, validation: path)
    }
  }

  /// Warns about labels that a split could not divide.
  mutating func addUnsplit(_ numbers: [Int32]) {
    guard !numbers.isEmpty else { return }
    let names = numbers.map { labels[Int($0)] }
    warnings.append(
      Self.count(names.count, "label has", "labels have")
        + " one text, which is in the training part and not in the validation part:"
        + " \(TrainingError.list(names))")
  }

  private mutating func countDuplicates(_ data: EncodedDataset) {
    let sorted = HashedRow.sorted(data.rows.count) { data.rows.hash(of: $0) }
    var firstPair: (first: Int, second: Int)?
    for run in HashedRow.runs(of: sorted) where run.count > 1 {
      let first = Int(sorted[run.lowerBound].row)
      let target = data.target(of: first)
      for place in run.dropFirst() {
        let row = Int(sorted[place].row)
        // The windows of one question follow each other.
        if data.task == .questions, Int(sorted[place - 1].row) == row - 1 { continue }
        let isUnlabelled = data.labelledItems(of: row) == 0 || data.labelledItems(of: first) == 0
        if isUnlabelled || data.target(of: row) == target {
          duplicates += 1
        } else {
          conflicts += 1
          if row < firstPair?.second ?? .max { firstPair = (first, row) }
        }
      }
    }
    if let firstPair {
      let places = "\(data.place(of: firstPair.first)) and \(data.place(of: firstPair.second))"
      firstConflict = places
      warnings.append(
        Self.count(conflicts, "row has", "rows have")
          + " the text of an earlier row with another label; the first: \(places)")
    }
  }

  /// Adds the numbers of the two parts; `warnsAboutLabels` is false for data that train nothing.
  mutating func add(
    counts training: EncodedDataset, _ validation: EncodedDataset?, warnsAboutLabels: Bool = true
  ) {
    trainingCount = training.count
    validationCount = validation?.count ?? 0
    if training.task.hasLabels {
      labelCounts = LabelCounts(of: training)
      validationLabelCounts = validation.map(LabelCounts.init)
    }
    if warnsAboutLabels { warnAboutRareLabels() }
    guard let validation else { return }
    countOverlap(training, validation)
  }

  private mutating func warnAboutRareLabels() {
    guard let labelCounts, task.task != .tokens else { return }
    let single = labels.indices.filter { labelCounts.counts[$0] == 1 }.map { labels[$0] }
    if !single.isEmpty {
      warnings.append(
        Self.count(single.count, "label has", "labels have")
          + " one training row: \(TrainingError.list(single))")
    }
    let absent = labels.indices.filter { labelCounts.counts[$0] == 0 }.map { labels[$0] }
    if !absent.isEmpty, labelCounts.counts.contains(where: { $0 > 0 }) {
      warnings.append(
        Self.count(absent.count, "label has", "labels have")
          + " no training row: \(TrainingError.list(absent))")
    }
  }

  private mutating func countOverlap(_ training: EncodedDataset, _ validation: EncodedDataset) {
    let known = HashedRow.sorted(training.count) { training.rows.hash(of: training.row(of: $0)) }
    let asked = HashedRow.sorted(validation.count) {
      validation.rows.hash(of: validation.row(of: $0))
    }
    var (place, first) = (0, Int32.max)
    for row in asked {
      while place < known.count, known[place].hash < row.hash { place += 1 }
      guard place < known.count, known[place].hash == row.hash else { continue }
      overlap += 1
      first = min(first, row.row)
    }
    if overlap > 0 {
      warnings.append(
        "\(overlap) of \(validation.count) validation rows have a text of the training data, which"
          + " makes the metric too good; the first: \(validation.place(of: Int(first)))")
    }
  }

  private static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }
}
