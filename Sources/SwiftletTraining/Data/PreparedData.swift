import SwiftletSystem

/// Where validation examples come from.
package enum ValidationData: Sendable, Equatable {
  case none
  /// A share of the training data; see ``TrainingData/split(_:seed:)``.
  case share(Double, seed: UInt64)
  /// One of `of` parts of the training data, which is left out of them; see ``DataSplit``.
  case part(Int, of: Int, seed: UInt64)
  case data(TrainingData)
}

/// Everything that training needs of its data, and what the plan says about them.
package struct PreparedData: Sendable {
  package let task: TrainingTask
  /// The labels in the order of the model's outputs; empty for tasks without labels.
  package let labels: [String]
  package let training: EncodedDataset
  package let validation: EncodedDataset?
  package let summary: DataSummary
  /// How the examples were encoded.
  package let encoding: DataEncoding
  /// The memory of the encoded examples in bytes.
  package let byteCount: Int

  /// Reads, checks, encodes and splits the data.
  ///
  /// - Parameters:
  ///   - training: The training data.
  ///   - validation: The validation data.
  ///   - encoding: How texts are encoded.
  ///   - task: The task; nil to find it by the contents.
  ///   - baseLabels: The labels of the base model's head, whose order is kept if the data have no
  ///     others; with `keepsUnlabelled` the teacher's, which the data must have. Empty if the head is
  ///     new.
  ///   - keepsUnlabelled: Whether rows without a label are kept, for a teacher.
  /// - Throws: ``TrainingError``, before anything is written.
  package init(
    training: TrainingData, validation: ValidationData, encoding: DataEncoding,
    task: TrainingTask? = nil, baseLabels: [String] = [], keepsUnlabelled: Bool = false
  ) throws(TrainingError) {
    let other = try Self.validationData(validation, training)
    var loader = DataLoader(encoding: encoding, task: task, keepsUnlabelled: keepsUnlabelled)
    var loaded = try loader.load(training)
    let found = loaded.decision.task
    self.task = found
    let order =
      keepsUnlabelled && !baseLabels.isEmpty
      ? LabelOrder(teacher: baseLabels, numbers: try Self.places(of: loaded, in: baseLabels))
      : LabelOrder(loaded.encoder.labels.entries.map(\.name), base: baseLabels)
    if found.hasLabels { loaded.encoder.renumber(order.numbers) }
    labels = found.hasLabels ? order.names : []
    var summary = DataSummary(
      loaded, labels: labels, labelOrder: order.reason, path: training.path,
      maxLength: encoding.maxLength)
    let all = EncodedDataset(task: found, labels: labels, rows: loaded.encoder.rows)
    if !keepsUnlabelled { try Self.checkLabels(all, file: training.path) }
    var part = try Self.part(training.parts, of: all, &summary)
    var rest: EncodedDataset?
    var bytes = all.rows.byteCount
    if case .share(let share, let seed) = validation {
      let parts = try DataSplit(share: share, seed: seed).parts(of: part)
      summary.addUnsplit(parts.unsplitLabels)
      (part, rest) = (part.selecting(parts.training), part.selecting(parts.validation))
    } else if case .part(let index, let count, let seed) = validation {
      let folds = CrossValidation(folds: try DataSplit.folds(of: part, count: count, seed: seed))
      (part, rest) = (
        part.selecting(folds.trainingRows(without: index)), part.selecting(folds.folds[index])
      )
    } else if let other, other.source == training.source {
      rest = try Self.part(other.parts, of: all, &summary)
      try Self.checkParts(part, rest, training)
    } else if let other {
      loader.task = found
      rest = try Self.load(other, loader, labels: labels, &summary)
      bytes += rest?.rows.byteCount ?? 0
    }
    if !keepsUnlabelled { try Self.checkTrainingPart(part, file: training.path) }
    summary.add(counts: part, rest)
    (self.training, self.validation, self.summary) = (part, rest, summary)
    self.encoding = encoding
    // Each part lists its rows.
    byteCount = bytes + 4 * (part.count + (rest?.count ?? 0))
  }

  /// Reads and encodes data on which a model is evaluated.
  ///
  /// - Parameters:
  ///   - data: The data.
  ///   - encoding: How texts are encoded.
  ///   - task: The model's task.
  ///   - labels: The model's labels, which the data must have.
  /// - Returns: The examples, and what the plan says about them.
  /// - Throws: ``TrainingError``.
  package static func evaluation(
    of data: TrainingData, encoding: DataEncoding, task: TrainingTask, labels: [String]
  ) throws(TrainingError) -> (data: EncodedDataset, summary: DataSummary) {
    var loaded = try DataLoader(encoding: encoding, task: task).load(data)
    try renumber(&loaded, names: labels)
    let names = task.hasLabels ? labels : []
    var summary = DataSummary(
      loaded, labels: names, labelOrder: "in the order of the model", path: data.path,
      maxLength: encoding.maxLength)
    let all = EncodedDataset(task: task, labels: names, rows: loaded.encoder.rows)
    let examples = try part(data.parts, of: all, &summary)
    summary.add(counts: examples, nil, warnsAboutLabels: false)
    return (examples, summary)
  }

  // MARK: Steps

  /// Returns the validation data with examples of their own; nil if there are none.
  private static func validationData(
    _ validation: ValidationData, _ training: TrainingData
  ) throws(TrainingError) -> TrainingData? {
    guard case .data(let other) = validation else { return nil }
    let isSame: Bool =
      if let first = training.path, let second = other.path {
        FileIdentity(of: first) != nil && FileIdentity(of: first) == FileIdentity(of: second)
      } else {
        training.source == other.source
      }
    // The parts of one source may be disjoint, which is known after reading.
    guard isSame, training.source != other.source || training.parts == other.parts else {
      return other
    }
    throw .sameData(
      training: training.path ?? "in memory", validation: other.path ?? "the examples")
  }

  /// Returns one side of each split in turn.
  private static func part(
    _ parts: [DataPart], of all: EncodedDataset, _ summary: inout DataSummary
  ) throws(TrainingError) -> EncodedDataset {
    var data = all
    for part in parts {
      let sides = try part.split.parts(of: data)
      data = data.selecting(part.isValidation ? sides.validation : sides.training)
      if !part.isValidation { summary.addUnsplit(sides.unsplitLabels) }
    }
    return data
  }

  /// Throws if two parts of one source have an example in common.
  private static func checkParts(
    _ training: EncodedDataset, _ validation: EncodedDataset?, _ data: TrainingData
  ) throws(TrainingError) {
    guard let validation else { return }
    var isUsed = [Bool](repeating: false, count: training.rows.count)
    for example in 0..<training.count { isUsed[training.row(of: example)] = true }
    guard (0..<validation.count).contains(where: { isUsed[validation.row(of: $0)] }) else { return }
    let name = data.path ?? "the examples"
    throw .sameData(training: name, validation: name)
  }

  /// Reads validation data with a source of their own.
  private static func load(
    _ data: TrainingData, _ loader: DataLoader, labels: [String], _ summary: inout DataSummary
  ) throws(TrainingError) -> EncodedDataset {
    var loaded = try loader.load(data)
    try renumber(&loaded, names: labels)
    try summary.addValidation(loaded, path: data.path)
    let all = EncodedDataset(
      task: loaded.decision.task, labels: labels, rows: loaded.encoder.rows)
    return try part(data.parts, of: all, &summary)
  }

  /// Gives the labels of validation data the numbers of the training labels.
  private static func renumber(_ data: inout LoadedData, names: [String]) throws(TrainingError) {
    guard data.decision.task.hasLabels else { return }
    data.encoder.renumber(try places(of: data, in: names))
  }

  /// Returns the place of each label among `names`.
  private static func places(
    of data: LoadedData, in names: [String]
  ) throws(TrainingError) -> [Int32] {
    let entries = data.encoder.labels.entries
    let numbers = LabelOrder.places(of: entries.map(\.name), in: names)
    // A tag that no row has, such as the I- of an entity of one word, may be missing.
    let missing = entries.first { numbers[Int($0.number)] < 0 && $0.count > 0 }
    guard let missing else { return numbers }
    throw .unknownLabel(
      file: data.encoder.rows.file, line: missing.line, label: missing.name, known: names)
  }

  /// Checks that a source has two labels at least.
  private static func checkLabels(
    _ data: EncodedDataset, file: String?
  ) throws(TrainingError) {
    guard let (only, count) = onlyLabel(of: data) else { return }
    guard let only else { throw .noExamples(file: file, reason: "no row has a label") }
    throw .oneLabel(file: file, label: only, count: count)
  }

  /// Checks that the rows to train on have two labels at least, after those for validation were taken.
  private static func checkTrainingPart(
    _ data: EncodedDataset, file: String?
  ) throws(TrainingError) {
    guard let (only, count) = onlyLabel(of: data) else { return }
    throw .noExamples(
      file: file,
      reason: "the \(count) rows for training have "
        + (only.map { "only the label \(TrainingError.quote($0))" } ?? "no label")
        + ", as the rows with other labels are for validation; give more rows of every label")
  }

  /// The only label of a classification and the count of its rows or words; nil for several labels, and for
  /// other tasks.
  private static func onlyLabel(of data: EncodedDataset) -> (label: String?, count: Int)? {
    guard data.task == .classification || data.task == .tokens else { return nil }
    let counts = LabelCounts(of: data).counts
    let used = counts.indices.filter { counts[$0] > 0 }
    guard used.count < 2 else { return nil }
    return (used.first.map { data.labels[$0] }, used.first.map { counts[$0] } ?? 0)
  }
}
